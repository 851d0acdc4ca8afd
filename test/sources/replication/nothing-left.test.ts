import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../../support/until.js';
import { buildOnce } from './built.js';
import { connections, createFixture, type Fixture, nextState, slots } from './fixture.js';

vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 1 }));

// The package is built here, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** `RECONNECTS=100` for the long run. */
const RECONNECTS = Number(process.env.RECONNECTS ?? 20);

let fixture: Fixture;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-test-'));
  fixture = await createFixture();
  await fixture.publish('create table t (id int primary key)', 't');
});
afterEach(async () => {
  await fixture.end();
  await rm(folder, { recursive: true, force: true });
});

const nothingLeft = () =>
  until(async () => {
    const { database } = fixture;
    return (await slots(database)).length === 0 && (await connections(database)) === 0;
  }, 'slots and connections to be gone');

test('after close, no slot and no connection is left', async () => {
  const { source } = await fixture.open();
  expect(await slots(fixture.database)).toHaveLength(1);
  await source.close();
  await nothingLeft();
});

test(
  `after ${RECONNECTS} reconnections there is one slot and one pair of connections, and after close none`,
  { timeout: 20_000 + RECONNECTS * 500 },
  async () => {
    const { source, gaps } = await fixture.open();
    for (let i = 0; i < RECONNECTS; i++) {
      const live = nextState(source, 'live');
      await fixture.kill(i % 3 === 0 ? 'gate' : i % 3 === 1 ? 'replication' : undefined);
      await live;
    }
    const { database } = fixture;
    await until(async () => (await slots(database)).length === 1, 'the slots of before to be gone');
    await until(async () => (await connections(database)) === 2, 'the connections of before to be gone');
    expect(gaps).toHaveLength(RECONNECTS);
    await source.close();
    await nothingLeft();
  },
);

/** Runs a program that has a live source called `source`; resolves when it has printed `live`. */
async function run(body: string) {
  const program = path.join(folder, 'program.mjs');
  await writeFile(
    program,
    `import { createSource } from ${JSON.stringify(await buildOnce())};
     const source = createSource({ mode: 'replication', connection: ${JSON.stringify(fixture.database.url)} });
     await source.start();
     console.log('live');
     ${body}`,
  );
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, ended };
}

test('after a process was killed, no slot and no connection is left', async () => {
  const { child, ended } = await run('');
  expect(await connections(fixture.database)).toBe(2);
  child.kill('SIGKILL');
  await ended;
  await nothingLeft();
});

test('a process that closes its source ends by itself', async () => {
  const { ended } = await run('await source.close();');
  const started = performance.now();
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - started).toBeLessThan(2_000);
  await nothingLeft();
});
