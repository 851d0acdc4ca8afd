import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { commitPlan, planInstall, planUninstall } from '../../src/install/index.js';
import { examineAt, theWrong, wrong } from '../doctor/setup.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { fingerprint } from './catalog.js';

let db: TestDatabase;
let client: Client;
let mallory: string;
let owners: string;
beforeAll(async () => {
  db = await createDatabase();
  client = await db.client();
  [mallory, owners] = [`mallory_${db.name}`, `owners_${db.name}`];
  await db.query(`create role ${mallory} login; create role ${owners}; create table orders (id int primary key);
    grant create on database ${db.name} to ${mallory}, ${owners}`);
});
afterEach(async () => {
  await client.query('reset role; drop schema if exists pgcachewatch cascade');
});
afterAll(async () => {
  for (const role of [mallory, owners]) await db.query(`drop owned by ${role}; drop role ${role}`);
  await db.drop();
});

async function as(role: string, statements: string): Promise<void> {
  const session = await db.client();
  await session.query(`set role ${role}; ${statements}`);
  await session.end();
}

const plan = () => planInstall(client, { tables: ['orders'], mode: 'notify' });
const install = async () => commitPlan(client, await plan());

const made = (names: readonly string[]) =>
  names
    .map(
      (name) =>
        `create function pgcachewatch.${name}() returns trigger language plpgsql as 'begin return null; end';`,
    )
    .join('\n');

/** What another role has made beforehand, and what the remedy has to say. */
const adopted: readonly [string, () => Promise<void>, readonly RegExp[]][] = [
  [
    'the schema',
    () => as(mallory, 'create schema pgcachewatch'),
    [/ALTER SCHEMA pgcachewatch OWNER TO \w+;/],
  ],
  [
    'the schema and both functions',
    () => as(mallory, `create schema pgcachewatch; ${made(['notify_row', 'notify_statement'])}`),
    [
      /ALTER SCHEMA/,
      /ALTER FUNCTION pgcachewatch\.notify_row\(\)/,
      /ALTER FUNCTION pgcachewatch\.notify_statement\(\)/,
    ],
  ],
  [
    'a function, in a schema of the owner of the database',
    async () => {
      await db.query(`create schema pgcachewatch; grant create, usage on schema pgcachewatch to ${mallory}`);
      await as(mallory, made(['notify_statement']));
      await db.query(`revoke create on schema pgcachewatch from ${mallory}`);
    },
    [/ALTER FUNCTION pgcachewatch\.notify_statement\(\)/],
  ],
  [
    'a function of our name with other arguments',
    async () => {
      await db.query(`create schema pgcachewatch; grant create, usage on schema pgcachewatch to ${mallory}`);
      await as(
        mallory,
        "create function pgcachewatch.notify_row(text) returns int language sql as 'select 1'",
      );
      await db.query(`revoke create on schema pgcachewatch from ${mallory}`);
    },
    [/DROP FUNCTION pgcachewatch\.notify_row\(text\)/],
  ],
  [
    'the right to create in the schema',
    () =>
      db
        .query(`create schema pgcachewatch; grant create on schema pgcachewatch to ${mallory}`)
        .then(() => {}),
    [/REVOKE CREATE ON SCHEMA pgcachewatch FROM mallory_/],
  ],
  [
    'the right to create in the schema, as every role has',
    () =>
      db.query('create schema pgcachewatch; grant create on schema pgcachewatch to public').then(() => {}),
    [/REVOKE CREATE ON SCHEMA pgcachewatch FROM PUBLIC/],
  ],
];

describe.each(adopted)('where another role has %s', (_, prepare, remedies) => {
  test('nothing is installed until the remedy was followed', async () => {
    await prepare();
    const before = await fingerprint(db);
    const error = await plan().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'UNTRUSTED_OWNER',
      message: expect.stringMatching(/mallory_|Every role/),
    });
    expect(await fingerprint(db)).toEqual(before);
    const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : '';
    for (const each of remedies) expect(remedy).toMatch(each);
    await db.query(remedy.slice(remedy.indexOf(': ') + 1));
    await install();
    expect(wrong(await examineAt(db.url, { mode: 'notify' }), 'trigger-function')).toEqual([]);
    await commitPlan(client, await planUninstall(client));
  });

  test('a plan made before that, and its script, change nothing', async () => {
    const early = await plan();
    await prepare();
    const before = await fingerprint(db);
    await expect(commitPlan(client, early)).rejects.toMatchObject({
      code: expect.stringMatching(/UNTRUSTED_OWNER|SERVER/),
      message: expect.stringContaining('Nothing was changed'),
    });
    await expect(client.query(early.sql)).rejects.toThrow();
    expect(await fingerprint(db)).toEqual(before);
  });
});

test('a function that was handed to another role after it was installed is a failure to the doctor', async () => {
  await install();
  await db.query(`alter function pgcachewatch.notify_statement() owner to ${mallory}`);
  const finding = theWrong(await examineAt(db.url, { mode: 'notify' }), 'trigger-function');
  expect(finding).toMatchObject({ level: 'failure', message: expect.stringContaining(mallory) });
  await db.query(String(finding.remedy));
  expect(wrong(await examineAt(db.url, { mode: 'notify' }), 'trigger-function')).toEqual([]);
  await commitPlan(client, await planUninstall(client));
});

test('a role installs what it owns itself, and the doctor of another role trusts the owner of all watched tables', async () => {
  await db.query(`create table hers (id int primary key); alter table hers owner to ${mallory}`);
  await client.query(`set role ${mallory}`);
  await commitPlan(client, await planInstall(client, { tables: ['hers'], mode: 'notify' }));
  await commitPlan(client, await planInstall(client, { tables: ['hers'], mode: 'notify', level: 'row' }));
  await client.query('reset role');
  expect(wrong(await examineAt(db.url, { mode: 'notify' }), 'trigger-function')).toEqual([]);
  await expect(plan()).rejects.toMatchObject({ code: 'UNTRUSTED_OWNER' });
  await db.query('drop table hers');
});

test('a group owns it for its members: trusted as long as each of them is', async () => {
  const deployer = `deployer_${db.name}`;
  await db.query(`create role ${deployer} login; grant ${owners} to ${deployer};
    create table shared (id int primary key); alter table shared owner to ${owners}`);
  try {
    await as(owners, `create schema pgcachewatch; ${made(['notify_row', 'notify_statement'])}`);
    await client.query(`set role ${deployer}`);
    const own = () => planInstall(client, { tables: ['shared'], mode: 'notify' });
    await own();
    await db.query(`grant ${owners} to ${mallory}`);
    await expect(own()).rejects.toMatchObject({ code: 'UNTRUSTED_OWNER' });
  } finally {
    await client.query('reset role');
    await db.query(
      `revoke ${owners} from ${mallory}; drop table shared; drop owned by ${deployer}; drop role ${deployer}`,
    );
  }
});
