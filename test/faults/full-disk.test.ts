import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import {
  type CachedFunction,
  type ChangeSource,
  cache,
  createSource,
  type SourceOptions,
} from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const packageName = inject('serverPackage');
/** A server's programs and data, and a little more. */
const SIZE = '512m';
const disk = mountedDisk();

const kinds: Readonly<Record<string, SourceOptions>> = {
  notify: { mode: 'notify' },
  'replication, temporary': { mode: 'replication' },
  'replication, durable': { mode: 'replication', replication: { slot: { name: 'full_disk' } } },
  auto: { mode: 'auto' },
};

interface Subject {
  readonly source: ChangeSource;
  readonly cached: CachedFunction<[id: number], number>;
  /** The ids of the rows that it was told of. */
  readonly told: Set<number>;
  gaps: number;
}

// Only where a disk of our own can be had: root may mount one.
describe.skipIf(packageName === null || disk === null)('a disk that is full', () => {
  const folder = disk ?? '';
  const filler = path.join(folder, 'filler');
  let server: EmbeddedServer;
  let db: TestDatabase;
  const subjects = new Map<string, Subject>();

  beforeAll(async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    try {
      server = await startEmbeddedServer({ packageName: packageName ?? undefined });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    db = await createDatabase(server.url);
    await db.query('create table t (id int primary key); insert into t values (0)');
    const client = await db.client();
    await commitPlan(client, await planInstall(client, { tables: ['t'], mode: 'both' }));
    for (const [kind, options] of Object.entries(kinds)) {
      const source = createSource({ ...options, connection: db.url, silenceLimitMs: 2_000 });
      const cached = cache(
        async (id: number) => {
          const reader = await db.client();
          const { rows } = await reader.query('select count(*)::int as n from t where id >= $1', [id]);
          await reader.end();
          return Number(rows[0].n);
        },
        { source, dependsOn: ['t'] },
      );
      const subject: Subject = { source, cached, told: new Set(), gaps: 0 };
      source.on('error', () => {});
      source.on('gap', () => {
        subject.gaps++;
      });
      source.on('change', ({ key }) => key && subject.told.add(Number(key.id)));
      subjects.set(kind, subject);
      await source.start();
    }
  }, 120_000);

  afterAll(async () => {
    for (const { source } of subjects.values()) await source.close();
    await server?.stop();
    unmount(folder);
  });

  test(
    'loses nothing that was committed, and nothing stale is served when there is room again',
    {
      timeout: 180_000,
    },
    async () => {
      for (const { cached } of subjects.values()) expect(await cached(0)).toBe(1);
      fill(filler);
      // Until a commit fails, as it must: the log cannot be written any more.
      let last = 0;
      await expect(
        (async () => {
          for (let id = 1; id < 10_000; id++) {
            await db.query('insert into t values ($1)', [id]);
            last = id;
            // Of the log alone: a table that cannot grow is an error, and the server goes on.
            await db.query("select pg_logical_emit_message(false, 'filling', repeat('x', 1000000))");
          }
        })(),
      ).rejects.toThrow();
      expect(last).toBeGreaterThan(0);
      await until(async () => !(await isReachable(server)), 'the end of the server');
      unlinkSync(filler);
      await until(
        async () => {
          await server.start();
          return isReachable(server);
        },
        'the server',
        60_000,
      );

      const client = await connectedTo(db);
      await client.query('insert into t values (1000000)');
      const { rows } = await client.query('select id from t where id > 0');
      const committed = rows.map(({ id }) => Number(id));
      expect(committed).toEqual(expect.arrayContaining(Array.from({ length: last }, (_, i) => i + 1)));
      for (const [kind, subject] of subjects) {
        const { source, cached, told } = subject;
        await until(() => source.state === 'live', `${kind} is live again`, 60_000);
        await source.caughtUp();
        expect(await cached(0), kind).toBe(committed.length + 1);
        const unheard = committed.filter((id) => !told.has(id));
        // What was not told is covered by a gap; by a durable slot, all is.
        if (subject.gaps === 0 || kind === 'replication, durable') expect(unheard, kind).toEqual([]);
      }
      await client.end();
    },
  );
});

/** A small disk for this file alone, or `null` where none can be mounted. */
function mountedDisk(): string | null {
  if (inject('serverPackage') === null) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'pgcachewatch-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
    // The server runs as somebody else.
    chmodSync(folder, 0o1777);
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
}

function fill(file: string): void {
  const piece = Buffer.alloc(2 ** 20);
  const descriptor = openSync(file, 'w');
  try {
    for (;;) if (writeSync(descriptor, piece) < piece.length) break;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(descriptor);
  }
}

async function isReachable(server: EmbeddedServer): Promise<boolean> {
  try {
    const reached = await createDatabase(server.url);
    await reached.drop();
    return true;
  } catch {
    return false;
  }
}

async function connectedTo(db: TestDatabase): Promise<Client> {
  const client = await until(() => db.client().catch(() => null), 'a connection', 30_000);
  if (client === null) throw new Error('There is no connection');
  return client;
}
