import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRefusals } from '../../src/install/refused-writers.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/**
 * The catalog's verdict, held against the server's: tables, identities and publications at random, and a real
 * UPDATE and DELETE on each. `REFUSALS_SEED` and `REFUSALS_RUNS` run it otherwise.
 */
const SEED = Number(process.env.REFUSALS_SEED ?? Date.now() % 1_000_000);
const RUNS = Number(process.env.REFUSALS_RUNS ?? 120);

let db: TestDatabase;
let client: Client;
let version: number;
beforeAll(async () => {
  db = await createDatabase();
  client = await db.client();
  const { rows } = await db.query("select current_setting('server_version_num')::int as version");
  version = rows[0].version;
});
afterAll(() => db.drop());

type Random = <T>(among: readonly T[]) => T;

/** mulberry32 */
function randomFrom(seed: number): Random {
  let state = seed;
  return (among) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    const found = among[((t ^ (t >>> 14)) >>> 0) % among.length];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  };
}

const COLUMNS = 'a int not null, b int not null, c int';

/** The identity of one table, `$` being its name. */
function identities(): string[] {
  const made = 'alter table $ add column g int not null generated always as (a * 2) stored';
  return [
    '',
    'alter table $ add primary key (a)',
    'alter table $ add primary key (a, b)',
    'alter table $ add primary key (a) include (c)',
    'alter table $ add primary key (a) deferrable',
    'alter table $ add primary key (a); alter table $ replica identity nothing',
    'alter table $ replica identity nothing',
    'alter table $ replica identity full',
    `${made}; alter table $ replica identity full`,
    `${made}; alter table $ add primary key (a, g)`,
    `${made}; alter table $ add primary key (a)`,
    'create unique index "$ by b" on $ (b); alter table $ replica identity using index "$ by b"',
    'create unique index "$ by b" on $ (b) include (c); alter table $ add primary key (a); alter table $ replica identity using index "$ by b"',
    'create unique index "$ by b" on $ (b); alter table $ replica identity using index "$ by b"; drop index "$ by b"',
    'create unique index "$ by b" on $ (b) where c > 0; alter table $ add unique (c)',
    ...(version >= 180_000
      ? [
          'alter table $ add column v int generated always as (a * 2) virtual; alter table $ replica identity full',
          "alter table $ add column r int4range not null default '[1,2)'; alter table $ add primary key (r without overlaps)",
        ]
      : []),
  ];
}

/** Tables, and those that hold a row. */
const shapes: readonly {
  readonly create: string;
  readonly tables: readonly string[];
  readonly leaves: readonly string[];
}[] = [
  { create: `create table one (${COLUMNS})`, tables: ['one'], leaves: ['one'] },
  {
    create: `create table mother (${COLUMNS}); create table child () inherits (mother)`,
    tables: ['mother', 'child'],
    leaves: ['mother', 'child'],
  },
  { create: `create unlogged table fleeting (${COLUMNS})`, tables: ['fleeting'], leaves: ['fleeting'] },
  {
    // The columns of a partition that is attached can stand in another order.
    create: `create table root (${COLUMNS}) partition by range (a);
      create table mid partition of root for values from (0) to (10) partition by range (a);
      create table other.leaf (gone int, c int, b int not null, a int not null); alter table other.leaf drop column gone;
      alter table mid attach partition other.leaf for values from (0) to (10);
      create table side partition of root for values from (10) to (20)`,
    tables: ['root', 'mid', 'other.leaf', 'side'],
    leaves: ['other.leaf', 'side'],
  },
];

function publication(random: Random, tables: readonly string[], name: string): string {
  const options = [
    `publish = '${random(['insert', 'update', 'delete', 'insert, update, delete, truncate', 'insert, update, delete, truncate'])}'`,
    `publish_via_partition_root = ${random([true, false])}`,
    ...(version >= 180_000 ? [`publish_generated_columns = ${random(['none', 'stored'])}`] : []),
  ];
  const list = () => (version < 150_000 ? '' : random(['', '', ' (a)', ' (a, b)', ' (b)', ' (b, c)']));
  const filter = () =>
    version < 150_000
      ? ''
      : random([
          '',
          '',
          ' where (a > 0)',
          ' where (b > 0 and a > 0)',
          " where (c is null or ':varattno 3' = 'x')",
          ' where (true)',
        ]);
  const entries = () =>
    [...new Set(tables.filter(() => random([true, false])))].map(
      (table) => `table only ${table}${list()}${filter()}`,
    );
  const what = random([
    ...Array<string>(6).fill(entries().join(', ')),
    'all tables',
    ...(version >= 150_000
      ? ['tables in schema public', 'tables in schema other', 'tables in schema other, public']
      : []),
  ]);
  return `create publication ${name} ${what === '' ? '' : `for ${what}`} with (${options.join(', ')})`;
}

/** Whether the server refuses, by trying. */
async function refuses(statement: string): Promise<boolean> {
  await client.query('savepoint trial');
  try {
    await client.query(statement);
    return false;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== '55000' && code !== '42P10') throw error;
    return true;
  } finally {
    await client.query('rollback to trial');
  }
}

test(`the catalog says what the server does: ${RUNS} cases, seed ${SEED}`, { timeout: 120_000 }, async () => {
  await client.query('create schema other');
  const random = randomFrom(SEED);
  const seen = new Map<string, number>();
  for (let run = 0; run < RUNS; run++) {
    const shape = random(shapes);
    const program = [
      shape.create,
      ...shape.leaves.map((leaf) => random(identities()).replaceAll('"$', '"by').replaceAll('$', leaf)),
      ...['p', 'q'].slice(random([0, 0, 1])).map((name) => publication(random, shape.tables, name)),
    ];
    await client.query('begin');
    try {
      let valid = true;
      for (const statement of program) {
        await client.query('savepoint step');
        await client.query(statement).catch(async () => {
          // Not every publication is possible: a column list on a partitioned table, say.
          valid = false;
          await client.query('rollback to step');
        });
      }
      for (const leaf of shape.leaves)
        await client.query(`insert into ${leaf} (a, b) values (${leaf === 'side' ? 11 : 1}, 1)`);
      for (const full of [[], shape.leaves]) {
        const refusals = await readRefusals(client, shape.tables.map(qualified), full.map(qualified));
        for (const leaf of full) await client.query(`alter table only ${leaf} replica identity full`);
        for (const leaf of shape.leaves) {
          const found = refusals.filter(({ name }) => name === qualified(leaf));
          const verdict = {
            update: found.some(({ refuses_update }) => refuses_update),
            delete: found.some(({ refuses_delete }) => refuses_delete),
          };
          const server = {
            update: await refuses(`update only ${leaf} set c = 1`),
            delete: await refuses(`delete from only ${leaf}`),
          };
          expect(
            verdict,
            `seed ${SEED}, run ${run}, ${leaf}${full.length > 0 ? ' made FULL' : ''}:\n${program.join(';\n')}`,
          ).toEqual(server);
          for (const { refusal } of found) {
            const reason = refusal.replace(/^.*?: /, '');
            seen.set(reason, (seen.get(reason) ?? 0) + 1);
          }
          if (found.length === 0) seen.set('none', (seen.get('none') ?? 0) + 1);
        }
      }
      if (!valid) seen.set('invalid', (seen.get('invalid') ?? 0) + 1);
    } finally {
      await client.query('rollback');
    }
  }
  if (process.env.REFUSALS_RUNS) console.log(seen);
});

function qualified(name: string): string {
  return name.includes('.') ? name : `public.${name}`;
}
