import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cache, createSource, row, type SourceOptions } from '../../src/index.js';
import { commitPlan, planInstall, planUninstall } from '../../src/install/index.js';
import { type Recorded, recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startProxy } from '../support/proxy.js';

/** What PGCacheWatch's own `install` puts into a database. */
const PGCACHEWATCH = `
  create function fn_pgcachewatch_table_change() returns trigger as $$
  begin
    perform pg_notify('ch_pgcachewatch_table_change', json_build_object(
      'operation', lower(tg_op), 'table', tg_table_name, 'sent_at', now())::text);
    return new;
  end; $$ language plpgsql;
  create trigger tg_pgcachewatch_table_change after insert or update or delete or truncate on t
    execute function fn_pgcachewatch_table_change();
`;

describe('the notify source', () => {
  let database: TestDatabase;
  let opened: Recorded[];

  beforeEach(async () => {
    opened = [];
    database = await createDatabase();
    await database.query('create table t (id int primary key, x text); create table u (id int primary key)');
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ source }) => source.close()));
    await database.drop();
  });

  const install = async (options: Partial<Parameters<typeof planInstall>[1]> = {}) => {
    const client = await database.client();
    await commitPlan(client, await planInstall(client, { tables: ['t', 'u'], mode: 'notify', ...options }));
  };
  const open = async (options: SourceOptions = {}): Promise<Recorded> => {
    const recorded = recording(createSource({ connection: database.url, mode: 'notify', ...options }));
    opened.push(recorded);
    await recorded.source.start();
    return recorded;
  };
  const notify = (payload: string) =>
    database.query('select pg_notify($1, $2)', ['ch_pgcachewatch_table_change', payload]);
  const nextState = ({ source }: Recorded, wanted: string) =>
    new Promise<void>((resolve) => {
      const off = source.on('state', (state) => {
        if (state !== wanted) return;
        off();
        resolve();
      });
    });

  test('understands the triggers that PGCacheWatch has installed: a change is one of the whole table', async () => {
    await database.query(PGCACHEWATCH);
    const { told, source } = await open();
    expect([...source.watched].map(({ table }) => table)).toEqual(['t']);
    await database.query(`insert into t values (1, 'a')`);
    await database.query('truncate t');
    expect(await told()).toEqual([
      { operation: 'insert', table: 't', key: null },
      { operation: 'truncate', table: 't', key: null },
    ]);
  });

  test('does not take a trigger for one that tells everything when it does not', async () => {
    await database.query(PGCACHEWATCH.replace(' or truncate', ''));
    await expect(open()).rejects.toMatchObject({ code: 'NOT_WATCHED' });
    await expect(open({ tables: ['t'] })).rejects.toMatchObject({ code: 'NOT_WATCHED' });
  });

  test('does not take a table for watched whose triggers are disabled, on itself or on a partition', async () => {
    await install();
    await database.query('alter table t disable trigger pgcachewatch_row');
    await expect(open({ tables: ['t'] })).rejects.toMatchObject({ code: 'NOT_WATCHED' });
    await database.query('create table p (id int primary key) partition by range (id)');
    await install({ tables: ['p'] });
    await open({ tables: ['p'] });
    await database.query('create table p1 partition of p for values from (0) to (9)');
    // The server has given it a copy of the trigger.
    await open({ tables: ['p'] });
    await database.query('alter table p1 disable trigger all');
    await expect(open({ tables: ['p'] })).rejects.toMatchObject({ code: 'NOT_WATCHED' });
  });

  test('takes what it cannot read for a change of anything: a gap, and an error', async () => {
    await install();
    const recorded = await open();
    const all = cache(async () => 1, { source: recorded.source });
    await all();
    await notify('hello');
    await recorded.source.caughtUp();
    expect(recorded.gaps).toMatchObject([{ reason: 'unreadable' }]);
    expect(recorded.errors).toMatchObject([
      { code: 'UNREADABLE', message: expect.stringContaining('hello') },
    ]);
    expect(all.statistics).toMatchObject({ entries: 0, invalidations: { gap: 1 } });
    expect(recorded.source.state).toBe('live');
  });

  test('does not believe a forged table or key further than to drop what it names', async () => {
    await install();
    const { told, errors } = await open();
    const forged = {
      operation: 'update',
      table: '__proto__',
      schema: '__proto__',
      sent_at: new Date(),
      xid: 1,
    };
    await notify(JSON.stringify(forged));
    await notify(
      JSON.stringify({ ...forged, table: 't', schema: 'public', key: ['__proto__'], rows: [[['1']]] }),
    );
    const [change] = await told();
    expect(Object.keys(change?.key ?? {})).toEqual(['__proto__']);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(errors).toEqual([]);
  });

  test('carries the row images where the triggers were installed at level row', async () => {
    await install({ level: 'row' });
    const { events } = await open();
    await database.query(`insert into t values (1, E'a\\n"\\\\😀')`);
    await database.query('update t set x = null');
    await database.query('delete from t');
    const images = (await events()).map(({ key, before, after }) => ({ key, before, after }));
    expect(images).toEqual([
      { key: { id: 1 }, before: null, after: { id: 1, x: 'a\n"\\😀' } },
      { key: { id: 1 }, before: { id: 1, x: 'a\n"\\😀' }, after: { id: 1, x: null } },
      { key: { id: 1 }, before: { id: 1, x: null }, after: null },
    ]);
  });

  test('parses values by the types option', async () => {
    await install();
    const { events } = await open({ types: { getTypeParser: () => (text: string) => `<${text}>` } });
    await database.query(`insert into t values (1, 'a')`);
    expect((await events()).map(({ key }) => key?.id)).toEqual(['<1>']);
  });

  test('listens on the channel it is given, whatever its name', async () => {
    const channel = 'My "Channel"';
    await install({ channel });
    await expect(open()).rejects.toMatchObject({ code: 'NOT_WATCHED' });
    const { told } = await open({ notify: { channel } });
    await database.query(`insert into t values (1, 'a')`);
    expect(await told()).toHaveLength(1);
  });

  test('silence longer than the limit is an interruption: caches go past, and come back emptied', async () => {
    await install();
    const proxy = await startProxy(database.url);
    try {
      const recorded = await open({ connection: proxy.url, silenceLimitMs: 400 });
      const x = cache(async () => (await database.query('select x from t where id = 1')).rows[0]?.x, {
        source: recorded.source,
        dependsOn: [row('t', { id: 1 })],
      });
      expect(await x()).toBeUndefined();
      const interrupted = nextState(recorded, 'interrupted');
      proxy.silence();
      await database.query(`insert into t values (1, 'a')`);
      await interrupted;
      expect(recorded.errors).toMatchObject([{ code: 'SILENT' }]);
      expect(await x()).toBe('a');
      const live = nextState(recorded, 'live');
      proxy.restore();
      await live;
      expect(recorded.gaps).toMatchObject([{ reason: 'reconnected' }]);
      expect(await x()).toBe('a');
      expect(x.statistics).toMatchObject({ entries: 1, invalidations: { gap: 1 } });
    } finally {
      await proxy.close();
    }
  });

  test('a connection on which nothing happens stays live, by asking', async () => {
    await install();
    const recorded = await open({ silenceLimitMs: 150 });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(recorded.states).toEqual(['connecting', 'live']);
  });

  test('a table whose triggers are removed while live is a gap; its values are then loaded every time', async () => {
    await install();
    const recorded = await open({ silenceLimitMs: 200 });
    let loads = 0;
    const ofT = cache(async () => ++loads, { source: recorded.source, dependsOn: ['t'] });
    const ofU = cache(async () => ++loads, { source: recorded.source, dependsOn: ['u'] });
    await Promise.all([ofT(), ofU()]);
    const gap = new Promise((resolve) => recorded.source.on('gap', resolve));
    const client = await database.client();
    await commitPlan(client, await planUninstall(client, { tables: ['t'] }));
    expect(await gap).toMatchObject({ reason: 'unwatched' });
    await ofT();
    await ofT();
    await ofU();
    expect(ofT.statistics).toMatchObject({ bypasses: 2, entries: 0 });
    expect(ofU.statistics).toMatchObject({ bypasses: 0, entries: 1 });
  });

  test('a table that is installed while live is watched, without a restart', async () => {
    await install({ tables: ['t'] });
    const recorded = await open();
    const gap = new Promise((resolve) => recorded.source.on('gap', resolve));
    await install({ tables: ['u'] });
    await database.query('insert into u values (1)');
    await gap;
    expect([...recorded.source.watched].map(({ table }) => table)).toEqual(['t', 'u']);
    await database.query('insert into u values (2)');
    expect((await recorded.told()).at(-1)).toEqual({ operation: 'insert', table: 'u', key: { id: 2 } });
  });

  test('a bare name means a table only if the search path leads to it', async () => {
    await database.query('create schema s; create table s.t (id int primary key)');
    await install({ tables: ['s.t', 'u'] });
    const { source } = await open();
    expect(source.watched.find('t')).toBeUndefined();
    expect(source.watched.find('S.T')?.schema).toBe('s');
    expect(source.watched.find('"S"."T"')).toBeUndefined();
  });
});
