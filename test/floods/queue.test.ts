import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { createSource } from '../../src/index.js';
import { until } from '../support/until.js';
import { buildConsumers, type Consumers } from './consumer.js';
import { createFlooded, type Flooded, flood } from './flooded.js';
import { say } from './said.js';
import { TIMEOUT_MS } from './scale.js';

const serverPackage = inject('serverPackage');
/** From 17 on, a queue can be made so small that it is filled in no time. */
const canBeSmall = serverPackage !== null && !/-1[4-6]/.test(serverPackage);
/** A socket that takes nothing is given up by the server after so long: no less is asked of it. */
const GIVEN_UP_MS = 5_000;

describe.skipIf(!canBeSmall)('a queue of notifications of half a megabyte', () => {
  let consumers: Consumers;
  let server: EmbeddedServer;
  let flooded: Flooded;
  beforeAll(async () => {
    consumers = await buildConsumers();
    server = await startEmbeddedServer({
      packageName: serverPackage ?? '',
      settings: { max_notify_queue_pages: '64' },
    });
  });
  afterAll(async () => {
    await consumers?.remove();
    await server?.stop();
  });
  beforeEach(async () => {
    flooded = await createFlooded('notify', server.url);
  });
  afterEach(() => flooded.drop());

  const write = (count: number) => flood(flooded.database, `flood_notifications(${count}, 100, 'watched')`);

  /** Writes until a commit fails; resolves to the message, or `null` where none did. */
  async function fill(): Promise<string | null> {
    for (let round = 0; round < 100; round++) {
      const message = await write(10_000).then(
        () => null,
        (error: Error) => error.message,
      );
      if (message !== null) return message;
    }
    return null;
  }

  test(
    'that a stopped process fills fails commits no longer than until it is given up, where another one listens',
    {
      timeout: TIMEOUT_MS,
    },
    async () => {
      const silenceLimitMs = 1_000;
      const source = flooded.options('notify', { silenceLimitMs });
      await using stopped = await consumers.start({ source });
      await using beside = await consumers.start({ source });
      await stopped.ask('compare');
      stopped.stop();
      const begun = performance.now();
      expect(await fill()).toMatch(/too many notifications/);
      const works = async () =>
        write(100).then(
          () => true,
          () => false,
        );
      await until(works, 'commits to work again', 30_000);
      const failedForMs = performance.now() - begun;
      console.info(`commits failed for ${Math.round(failedForMs)} ms at most`);
      // Given up by its server process, and then the other one's look, which empties the queue.
      expect(failedForMs).toBeLessThan(GIVEN_UP_MS + silenceLimitMs + 5_000);
      stopped.resume();
      const compared = await stopped.ask('compare');
      say('stopped, notify', 1, failedForMs / 1000, compared, await stopped.ask('report'));
      expect(compared.different).toBe(0);
      expect((await beside.ask('compare')).different).toBe(0);
    },
  );

  test(
    'that was left full by a process that was killed works again for whoever starts to listen',
    {
      timeout: TIMEOUT_MS,
    },
    async () => {
      {
        await using stopped = await consumers.start({ source: flooded.options('notify') });
        stopped.stop();
        expect(await fill()).toMatch(/too many notifications/);
        stopped.kill();
      }
      const listening = async () => {
        const { rows } = await flooded.database.query(
          `select from pg_stat_activity where application_name = 'pgcachewatch notify'`,
        );
        return rows.length > 0;
      };
      await until(async () => !(await listening()), 'its server process to be gone');
      // Nothing holds the queue any more, and still nobody can commit.
      await expect(write(100)).rejects.toThrow(/too many notifications/);
      await using source = createSource(flooded.options('notify'));
      await source.start();
      await write(100);
    },
  );

  test('is warned of by whoever listens when it is half full', { timeout: TIMEOUT_MS }, async () => {
    const warnings: string[] = [];
    const log = () => {};
    const logger = {
      debug: log,
      info: log,
      error: log,
      warn: (_fields: object, message = '') => warnings.push(message),
    };
    await using source = createSource(flooded.options('notify', { silenceLimitMs: 500, logger }));
    await source.start();
    // A listener that sits in a transaction takes nothing, and holds what all have read.
    const sitting = await flooded.database.client();
    await sitting.query('listen something');
    await sitting.query('begin');
    await sitting.query('select 1');
    for (let pages = 0; pages < 40; pages++) {
      await flooded.database.query(`select pg_notify('something', repeat('x', 7990) || ${pages})`);
    }
    await until(() => (source.statistics.notificationQueue ?? 0) > 0.5, 'the queue to be seen');
    expect(warnings.filter((each) => /queue of notifications is \d+ % full/.test(each))).toHaveLength(1);
    await sitting.query('commit');
    await until(() => (source.statistics.notificationQueue ?? 1) < 0.1, 'the queue to be empty');
  });
});
