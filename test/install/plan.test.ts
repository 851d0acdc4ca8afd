import { afterAll, beforeAll, expect, test } from 'vitest';
import { planInstall, planUninstall } from '../../src/install/index.js';
import { strongestLocks } from '../../src/install/lock.js';
import type { Step, Undo } from '../../src/install/step.js';
import { setup } from './replication-setup.js';

const it = setup();

beforeAll(async () => {
  await it.db.query(`create schema sales; create table orders (id int primary key, code text);
    create table sales.items (id int primary key, a text); create table bare (a text);
    create table parts (id int primary key) partition by range (id);
    create table parts_low partition of parts for values from (0) to (10)`);
});
afterAll(() => it.uninstall());

const tables = ['orders', 'sales.items', 'bare', 'parts'];
const both = { mode: 'both', replicaIdentity: 'full' } as const;

test('what is there and what will change is a line each, for triggers and for the publication', async () => {
  const first = await it.plan(['orders'], { mode: 'both' });
  expect(first.findings).toEqual([
    'schema pgcachewatch: is not there; made',
    'functions pgcachewatch.notify_*: missing; will be created',
    'public.orders: has no triggers; made, level key, key (id)',
    'publication pgcachewatch: is not there; made, of public.orders',
  ]);
  await it.install(['orders'], { mode: 'both' });
  const more = await it.plan(['orders', 'sales.items', 'bare', 'parts'], both);
  expect(more.findings).toEqual([
    'public.orders: has triggers of this version, level key, key (id); nothing to change',
    'sales.items: has no triggers; made, level key, key (id)',
    'public.bare: has no triggers; made, level key',
    'public.parts and its 1 part: has no triggers; made, level key, key (id)',
    'publication pgcachewatch: exists, adds sales.items, public.bare, public.parts',
    'public.bare: has no replica identity that serves; made FULL',
  ]);
  await it.install(tables, both);
  expect((await it.plan(tables, both)).findings.at(-1)).toBe(
    'publication pgcachewatch: exists, has public.orders, sales.items, public.bare, public.parts in just this way; nothing to change',
  );
  expect((await it.plan(tables, both)).locks).toEqual([]);

  const away = await planUninstall(it.client, { tables: ['sales.items'] });
  expect(away.findings).toEqual([
    'sales.items: has triggers; removed',
    'publication pgcachewatch: exists, drops sales.items',
  ]);
  expect((await planUninstall(it.client)).findings).toEqual([
    'public.bare: has triggers; removed',
    'public.orders: has triggers; removed',
    'public.parts: has triggers; removed',
    'public.parts_low: has triggers; removed',
    'sales.items: has triggers; removed',
    'functions pgcachewatch.notify_*: no table is left that calls them; will be dropped',
    'schema pgcachewatch: holds nothing else; dropped',
    'publication pgcachewatch: holds nothing else; dropped',
    'public.bare: has the replica identity FULL by us; back to DEFAULT',
  ]);
  await it.uninstall();
});

/** The strongest locks that the server takes on our tables for the steps, as the plan would name them. */
async function taken(steps: readonly { readonly statement: string }[]): Promise<ReadonlyMap<string, string>> {
  const client = await it.db.client();
  await client.query('begin');
  for (const { statement } of steps) await client.query(statement);
  const { rows } = await client.query(`
    select relation::regclass::text as name, max(strength) as strength
    from pg_locks join unnest(array['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock',
      'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock']) with ordinality as m (mode, strength)
      using (mode)
    join pg_class as c on c.oid = relation
    where pid = pg_backend_pid() and relkind in ('r', 'p') and relation >= 16384 group by 1`);
  await client.query('rollback');
  await client.end();
  const names: Readonly<Record<number, string>> = {
    3: 'ROW EXCLUSIVE',
    4: 'SHARE UPDATE EXCLUSIVE',
    6: 'SHARE ROW EXCLUSIVE',
    8: 'ACCESS EXCLUSIVE',
  };
  return new Map(
    rows
      // Weaker ones than the plan speaks of make nobody wait: checking for writers looks at partitions, too.
      .filter(({ strength }) => Number(strength) > 3)
      .map(({ name, strength }) => [
        name.includes('.') ? name : `public.${name}`,
        names[strength] ?? `strength ${strength}`,
      ]),
  );
}

function told(steps: readonly Pick<Undo, 'lock'>[]): ReadonlyMap<string, string> {
  return new Map([...strongestLocks(steps)].filter(([, mode]) => mode !== 'ROW EXCLUSIVE'));
}

test('the locks that the plan tells are those that the server takes, also on the way back', async () => {
  const undone = (steps: readonly Step[]) => steps.toReversed().flatMap(({ undo }) => undo ?? []);
  const back = (steps: readonly Step[]) =>
    undone(steps).map(({ statement }) => ({ statement: `do $body$ begin ${statement} end $body$` }));
  for (const options of [
    { mode: 'notify', always: true },
    { mode: 'replication', replicaIdentity: 'full' },
    both,
  ] as const) {
    const install = await planInstall(it.client, { tables, ...options });
    expect(await taken(install.steps)).toEqual(told(install.steps));
    await it.install(tables, options);
    expect(await taken(back(install.steps))).toEqual(told(undone(install.steps)));
    for (const chosen of [tables, ['sales.items'], undefined]) {
      const uninstall = await planUninstall(it.client, { tables: chosen });
      expect(await taken(uninstall.steps), `${options.mode} ${chosen}`).toEqual(told(uninstall.steps));
    }
    await it.uninstall();
  }
});

test('each kind of lock is told with what it means to others, and how long it is waited for', async () => {
  const made = await it.plan(tables, { ...both, lockTimeoutMs: 750 });
  expect(made.locks).toEqual([
    'ACCESS EXCLUSIVE on public.bare: who reads or writes waits until it is committed',
    'SHARE ROW EXCLUSIVE on public.orders, sales.items, public.parts, public.parts_low: who writes waits until it is committed, who reads does not',
    'all of them together are waited for 750 ms at most; sessions that come later wait as well',
  ]);
  expect((await it.plan(['orders'])).locks).toEqual([
    'SHARE UPDATE EXCLUSIVE on public.orders: nobody who reads or writes waits',
    'it is waited for 2000 ms at most',
  ]);
});

test('of many tables, some are named', async () => {
  const names = Array.from({ length: 7 }, (_, i) => `many_${i}`);
  await it.db.query(names.map((name) => `create table ${name} (id int primary key)`).join(';'));
  expect((await it.plan(names)).locks[0]).toContain('public.many_4 and 2 more: ');
});
