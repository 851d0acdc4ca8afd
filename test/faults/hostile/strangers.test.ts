import { Client, escapeIdentifier } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { type CachedFunction, cache, row } from '../../../src/index.js';
import { modes, openWatched, type Watched } from '../../support/open-watched.js';
import { randomOf } from '../random.js';
import { inherited, SEED } from './inputs.js';
import { mutateText, NASTY } from './mutate.js';

const CHANNEL = 'ch_pgcachewatch_table_change';
/** As long as a notification can be. */
const MOST_BYTES = 7_999;

let watched: Watched | undefined;

afterEach(async () => {
  await watched?.close();
  watched = undefined;
});

test(
  `whoever may connect can notify on our channel what they like, while true changes are told (seed ${SEED})`,
  {
    timeout: 60_000,
  },
  async () => {
    const random = randomOf(SEED);
    const before = inherited();
    watched = await openWatched('notify', {
      sql: 'create table t (id int primary key, n int not null); insert into t select i, 0 from generate_series(1, 5) i',
      tables: ['t'],
    });
    const { database, source } = watched;
    source.on('error', () => {});
    const loader = await database.client();
    const cached = cache(
      async (id: number) => Number((await loader.query('select n from t where id = $1', [id])).rows[0].n),
      { source, dependsOn: (id) => [row('t', { id })] },
    );
    const stranger = await connectedAsNobody(database);
    const { rows } = await database.query('select pg_current_xact_id()::text as xid');
    const truth = (id: number) =>
      JSON.stringify({
        ...{ operation: 'update', table: 't', sent_at: new Date().toISOString(), schema: 'public' },
        // The next transaction's own number, as far as it can be guessed.
        ...{ xid: Number(rows[0].xid) + random.integer(0, 200), key: ['id'], rows: [[[String(id)]]] },
      });
    for (let n = 1; n <= 60; n++) {
      const id = random.integer(1, 5);
      await Promise.all([1, 2, 3, 4, 5].map((each) => cached(each)));
      const before = await cached(id);
      const lies = Array.from({ length: 20 }, () => lie(truth(random.integer(1, 9)), random));
      await Promise.all([
        ...lies.map((text) => stranger.query('select pg_notify($1, $2)', [CHANNEL, text])),
        database.query('update t set n = n + 1 where id = $1', [id]),
      ]);
      await source.caughtUp();
      expect(await cached(id)).toBe(before + 1);
    }
    expect(source.state).toBe('live');
    expect(inherited()).toBe(before);
    await stranger.end();
    await database.query(`drop role ${escapeIdentifier(roleOf(database))}`);
  },
);

function lie(text: string, random: ReturnType<typeof randomOf>): string {
  const told = random.fraction() < 0.1 ? random.pick(NASTY) : mutateText(text, random);
  // What Postgres takes: no zero byte, no half of a character, and not too long.
  const sendable = Buffer.from(told.replaceAll('\0', '').toWellFormed?.() ?? told.replaceAll('\0', ''));
  return sendable
    .subarray(0, MOST_BYTES - 3)
    .toString()
    .replaceAll('\ufffd', '');
}

function roleOf({ name }: Watched['database']): string {
  return `nobody_${name}`;
}

/** As a role that owns nothing and may do nothing but connect. */
async function connectedAsNobody(database: Watched['database']): Promise<Client> {
  const name = roleOf(database);
  await database.query(`create role ${escapeIdentifier(name)} login password 'nothing'`);
  const url = new URL(database.url);
  url.username = name;
  url.password = 'nothing';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  return client;
}

describe.each(modes)('%s', (mode) => {
  const names = [
    '__proto__',
    'constructor',
    'a.b',
    'q"uo"te',
    "it's",
    'ünï🐘',
    ' ',
    'select',
    '%s $1 \\',
    'x'.repeat(63),
  ];

  test('tables and columns of any name are told of, and matched', async () => {
    const tables = names.map((name) => escapeIdentifier(name));
    watched = await openWatched(mode, {
      sql: tables
        .map(
          (name) =>
            `create table ${name} (${name} int primary key, n int); insert into ${name} values (1, 0), (2, 0)`,
        )
        .join(';'),
      tables,
    });
    const { database, source, write } = watched;
    const loader = await database.client();
    const caches: CachedFunction<[id: number], number>[] = tables.map((name, i) =>
      cache(
        async (id: number) =>
          Number((await loader.query(`select n from ${name} where ${name} = $1`, [id])).rows[0].n),
        // A computed name: as it is written, __proto__ would not be a property.
        { source, dependsOn: (id) => [row(name, { [names[i] ?? '']: id })] },
      ),
    );
    const told: string[] = [];
    source.on('change', ({ table, key }) => told.push(`${table}: ${JSON.stringify(key)}`));
    for (const [i, cached] of caches.entries()) {
      expect([await cached(1), await cached(2)]).toEqual([0, 0]);
      await write(`update ${tables[i]} set n = 7 where ${tables[i]} = 1`);
      expect([cached.peek(1), await cached.peek(2), await cached(1)]).toEqual([undefined, 0, 7]);
    }
    const named = names.map((name) => `${name}: ${JSON.stringify(Object.fromEntries([[name, 1]]))}`);
    expect(told).toEqual(named);
  });
});
