import { escapeIdentifier } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, type Said } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { fingerprint } from './catalog.js';

let db: TestDatabase;
let owner: string;
let nobody: string;
beforeAll(async () => {
  db = await createDatabase();
  [owner, nobody] = [`owner_${db.name}`, `nobody_${db.name}`];
  await db.query(`create role ${owner} login nosuperuser password 'pw'; create role ${nobody} login nosuperuser password 'pw';
    create schema shop authorization ${owner}; grant usage on schema shop to ${nobody};
    create table shop.orders (id int primary key); create table shop.log (a text);
    alter table shop.orders owner to ${owner}; alter table shop.log owner to ${owner}`);
});
afterAll(async () => {
  for (const role of [owner, nobody]) await db.query(`drop owned by ${role} cascade; drop role ${role}`);
  await db.drop();
});

function as(role: string, ...args: string[]): Promise<Said> {
  const url = new URL(db.url);
  url.username = role;
  url.password = 'pw';
  return cli('--url', url.href, ...args);
}

/** What the remedy says, run by a superuser. */
async function obey({ err }: Said): Promise<void> {
  const grant = /GRANT [^;]+? TO "?\w+"?/.exec(err)?.[0] ?? expect.fail(err);
  await db.query(grant.replace('this role', escapeIdentifier(nobody)));
}

const install = [
  'install',
  'shop.orders',
  'shop.log',
  '--mode',
  'both',
  '--replica-identity',
  'full',
  '--commit',
];

test('a role that owns the tables and may create in the database installs and uninstalls without a trace', async () => {
  const before = await fingerprint(db);
  const refused = await as(owner, ...install);
  expect(refused).toMatchObject({
    status: 1,
    err: expect.stringMatching(
      /^error: Could not create the schema pgcachewatch: .*Nothing was changed\nremedy: .*GRANT CREATE ON DATABASE/m,
    ),
  });
  expect(await fingerprint(db)).toEqual(before);
  await obey(refused);
  const granted = await fingerprint(db);
  expect(await as(owner, ...install)).toMatchObject({ status: 0 });
  expect(await as(owner, ...install)).toMatchObject({ status: 0, out: 'Nothing to do.\n' });
  expect(await as(owner, 'uninstall', '--commit')).toMatchObject({ status: 0 });
  expect(await fingerprint(db)).toEqual(granted);
  await db.query(`revoke create on database ${db.name} from ${owner}`);
});

test.each([
  ['notify', 'watch shop.orders', 'GRANT TRIGGER ON shop.orders'],
  ['replication', 'publish shop.orders', 'a role that owns shop.orders'],
])('a role that owns nothing is told what it needs, and nothing is changed: %s', async (mode, step, remedy) => {
  await db.query(`grant create on database ${db.name} to ${nobody}`);
  const before = await fingerprint(db);
  const said = await as(nobody, 'install', 'shop.orders', '--mode', mode, '--commit');
  expect(said).toMatchObject({ status: 1, out: '' });
  expect(said.err).toMatch(
    new RegExp(`^error: Could not ${step}: .*Nothing was changed\nremedy: .*${remedy}`, 'm'),
  );
  expect(await fingerprint(db)).toEqual(before);
});

test('a role that owns nothing cannot take away what others have installed', async () => {
  expect(await cli('--url', db.url, ...install)).toMatchObject({ status: 0 });
  const before = await fingerprint(db);
  const said = await as(nobody, 'uninstall', '--commit');
  expect(said).toMatchObject({ status: 1, out: '' });
  expect(said.err).toMatch(
    /^error: Could not stop watching shop\.log: .*\nremedy: Run it as the owner of shop\.log\.$/m,
  );
  expect(await fingerprint(db)).toEqual(before);
  expect(await cli('--url', db.url, 'uninstall', '--commit')).toMatchObject({ status: 0 });
});

test('where sessions are read-only, a plan is made, and nothing is run', async () => {
  await db.query(`grant create on database ${db.name} to ${owner}`);
  const before = await fingerprint(db);
  await db.query(`alter role ${owner} set default_transaction_read_only = on`);
  const said = await as(owner, ...install);
  expect(said).toMatchObject({ status: 1, out: '' });
  expect(said.err).toMatch(
    /^error: .*read-only transaction\. Nothing was changed\nremedy: .*default_transaction_read_only off\.$/m,
  );
  expect(await as(owner, 'install', 'shop.orders')).toMatchObject({
    status: 0,
    out: expect.stringContaining('create or replace trigger'),
  });
  await db.query(`alter role ${owner} reset default_transaction_read_only`);
  expect(await fingerprint(db)).toEqual(before);
});
