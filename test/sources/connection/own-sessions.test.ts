import pg, { Client, type ClientConfig, escapeIdentifier, types } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSource, type SourceOptions } from '../../../src/index.js';
import { OwnQuery } from '../../../src/sources/connection/own-query.js';
import { queueOf } from '../../../src/sources/connection/send.js';
import { cli } from '../../support/cli.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';

/** Whatever the application, a library or the server is set to: a source starts, hears, and goes on. */

let db: TestDatabase;
let owner: Client;
const undo: (() => void)[] = [];

beforeAll(async () => {
  db = await createDatabase();
  owner = new Client({ connectionString: db.url, types: asText });
  await owner.connect();
  await owner.query('create table orders (id serial primary key, v text)');
  await cli('install', 'orders', '--mode', 'both', '--commit', '--url', db.url);
});
afterAll(async () => {
  await owner.end();
  await db.drop();
});
afterEach(async () => {
  for (const back of undo.splice(0).reverse()) back();
  vi.unstubAllEnvs();
  await owner.query(`alter database ${escapeIdentifier(db.name)} reset all`);
});

/** What is replaced for every client of the process, and put back after the test. */
function replace<T extends object, K extends keyof T>(object: T, name: K, by: T[K]): void {
  const before = object[name];
  object[name] = by;
  undo.push(() => {
    object[name] = before;
  });
}

type Query = (this: Client, ...args: unknown[]) => unknown;

/** Wraps `Client.prototype.query`, as monitoring libraries do. */
function wrapQuery(change: (text: string, values: unknown) => [unknown, unknown?]): void {
  const prototype: { query: unknown } = Client.prototype;
  const before = prototype.query;
  if (typeof before !== 'function') throw new TypeError('pg has no query');
  const wrapped: Query = function (text, values, ...rest) {
    const given = typeof text === 'string' ? change(text, values) : [text, values];
    return Reflect.apply(before, this, [...given, ...rest]);
  };
  replace(prototype, 'query', wrapped);
}

function wrapConnect(after: (client: Client) => unknown): void {
  const prototype: { connect: unknown } = Client.prototype;
  const before = prototype.connect;
  if (typeof before !== 'function') throw new TypeError('pg has no connect');
  replace(prototype, 'connect', async function (this: Client, ...args: unknown[]) {
    const connected: unknown = await Reflect.apply(before, this, args);
    await after(this);
    return connected;
  });
}

const everyType = [
  16, 17, 19, 20, 21, 23, 25, 26, 28, 114, 700, 701, 1003, 1005, 1007, 1009, 1028, 1184, 3220, 3802,
];
/** What the parsers of the process do not reach. */
const asText = { getTypeParser: () => String };
const nonsense: ClientConfig['types'] = { getTypeParser: () => () => 'nonsense' };
const timeouts = [
  'query_timeout',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
] as const;
const SOON = '150';

const settings = [
  'standard_conforming_strings = off',
  'quote_all_identifiers = on',
  'transform_null_equals = on',
  'array_nulls = off',
  `datestyle = 'German, DMY'`,
  `timezone = 'Asia/Kolkata'`,
  `intervalstyle = 'iso_8601'`,
  'extra_float_digits = -15',
  `bytea_output = 'escape'`,
  'exit_on_error = on',
  'default_transaction_isolation = serializable',
  'default_transaction_read_only = on',
  'idle_session_timeout = 150',
  'idle_in_transaction_session_timeout = 150',
  `statement_timeout = '150ms'`,
  'row_security = off',
  'check_function_bodies = off',
  'client_min_messages = debug1',
  'search_path = nowhere',
];

interface Case {
  readonly name: string;
  readonly before?: () => unknown;
  readonly connection?: (url: string) => SourceOptions['connection'];
}

const cases: readonly Case[] = [
  {
    name: 'the type parsers of pg are replaced',
    before: () => {
      for (const oid of everyType) {
        const parser = types.getTypeParser(oid);
        types.setTypeParser(oid, () => 'nonsense');
        undo.push(() => types.setTypeParser(oid, parser));
      }
    },
  },
  {
    name: 'the connection has type parsers',
    connection: (url) => ({ connectionString: url, types: nonsense }),
  },
  {
    name: 'pg.defaults has time-outs and wants binary values',
    before: () => {
      replace(pg.defaults, 'binary', true);
      for (const name of timeouts) replace(pg.defaults, name, Number(SOON));
      replace(pg.defaults, 'parseInt8', true);
    },
  },
  {
    name: 'the connection has time-outs, and is pipelined',
    connection: (url) => ({
      connectionString: url,
      pipeline: true,
      ...Object.fromEntries(timeouts.map((name) => [name, Number(SOON)])),
    }),
  },
  {
    name: 'the URL has time-outs, and asks for replication',
    connection: (url) =>
      `${url}?replication=database&binary=true&${timeouts.map((name) => `${name}=${SOON}`).join('&')}`,
  },
  {
    name: 'PGOPTIONS has settings',
    before: () => vi.stubEnv('PGOPTIONS', '-c statement_timeout=150 -c standard_conforming_strings=off'),
  },
  {
    name: 'a library puts a comment before every statement',
    before: () => wrapQuery((text, values) => [`/*dddbs='x'*/ ${text}`, values]),
  },
  {
    name: 'a library puts a comment behind every statement',
    before: () => wrapQuery((text, values) => [`${text} /*traceparent='00'*/`, values]),
  },
  {
    name: 'a library makes a prepared statement of every text',
    before: () => wrapQuery((text, values) => [{ name: `s${text.length}`, text, values: values ?? [] }]),
  },
  {
    name: 'a library runs statements of its own on every client that is connected',
    before: () => wrapConnect((client) => client.query("set statement_timeout = '150ms'")),
  },
  {
    name: 'a library replaces the query of every client that is connected',
    before: () =>
      wrapConnect((client) => {
        const { query } = client;
        Object.assign(client, { query: (text: string) => Reflect.apply(query, client, [`/*x*/ ${text}`]) });
      }),
  },
  ...settings.map((setting) => ({
    name: `the database has ${setting}`,
    before: () => owner.query(`alter database ${escapeIdentifier(db.name)} set ${setting}`),
  })),
];

describe.each(['notify', 'replication', 'auto'] as const)('mode %s', (mode) => {
  test.each(cases)('is live, hears and stays where $name', async ({ before, connection }) => {
    await before?.();
    const source = createSource({
      mode,
      connection: connection?.(db.url) ?? db.url,
      tables: ['public.orders'],
      silenceLimitMs: 2_000,
      types: asText,
    });
    const heard: unknown[] = [];
    source.on('error', (error) => heard.push(error.message));
    source.on('gap', ({ detail }) => heard.push(detail));
    source.on('state', (state) => state === 'interrupted' && heard.push(state));
    source.on('transaction', ({ changes }) => heard.push(...[...changes].map(({ key }) => key)));
    try {
      await source.start();
      // Longer than the time-outs, by the clock of the server.
      await until(async () => (await ages(owner)).every((age) => age > 0.4), 'sessions that last');
      const { rows } = await owner.query('insert into public.orders default values returning id');
      await until(() => Promise.resolve(heard.length > 0), 'the change');
      expect(heard).toEqual([{ id: rows[0]?.id }]);
      if (mode !== 'auto') expect(source.mode).toBe(mode);
      else expect(source.mode).toBe('replication');
    } finally {
      await source.close();
    }
  });
});

/** For how many seconds the connections of a source have been there, the first of which it is live on. */
async function ages(client: Client): Promise<number[]> {
  const { rows } = await client.query(
    `select pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - backend_start)::text as age
     from pg_catalog.pg_stat_activity
     where datname = current_database() and application_name ~ '^pgcachewatch (notify|gate|replication)'`,
  );
  return rows.map(({ age }) => Number(age));
}

describe('commands', () => {
  // A database that only reads is one that install must respect; a path that leads nowhere finds no table.
  const harmless = cases.filter(({ name }) => !/read_only|search_path/.test(name));
  test.each(harmless)('work where $name', async ({ before, connection }) => {
    const given = connection?.(db.url);
    await before?.();
    const url = ['--url', typeof given === 'string' ? given : db.url];
    const results = [
      await cli('doctor', 'orders', ...url),
      await cli('status', '--json', ...url),
      await cli('uninstall', '--commit', ...url),
      await cli('install', 'orders', '--mode', 'both', '--commit', ...url),
      await cli('install', 'orders', '--mode', 'both', ...url),
    ];
    expect(results.map(({ status, err }) => (status === 0 ? '' : err))).toEqual(results.map(() => ''));
    expect(results.at(-1)?.out).toContain('Nothing to do');
  });
});

test('the queue of pg that our queries go into is there; if it is not, they go through pg’s own query', async () => {
  expect(queueOf(new Client())).not.toBeNull();
  wrapQuery((text) => [`nonsense ${text}`]);
  const client = await db.client();
  const answer = await new Promise((resolve, reject) => {
    const query = new OwnQuery('select $1::int + 1 as n', [1], (error, outcome) =>
      error ? reject(error) : resolve(outcome),
    );
    client.query(query);
  });
  expect(answer).toMatchObject({ rows: [{ n: 2 }] });
});
