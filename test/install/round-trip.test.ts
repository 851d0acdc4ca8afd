import { escapeIdentifier } from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { commitPlan, type InstallOptions, planInstall, planUninstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { fingerprint } from './catalog.js';
import { pgDumpFor } from './pg-dump.js';
import { type RoundTripSchema, schemas } from './round-trip-schemas.js';
import { serverVersion } from './server-version.js';

const version = await serverVersion(inject('serverUrl'));
const pgDump = await pgDumpFor(version);

const ways: readonly Partial<InstallOptions>[] = [
  { mode: 'notify', level: 'row', always: true },
  { mode: 'replication' },
  { mode: 'replication', replicaIdentity: 'full' },
  { mode: 'both', replicaIdentity: 'full' },
];

describe.each(schemas.filter(({ since = 0 }) => since <= version))('$name', (schema) => {
  test('install and uninstall leave the schema as it was, by --commit and by their scripts', async () => {
    await withSchema(schema, async (db) => {
      for (const way of ways) await roundTrip(db, schema, way);
    });
  });
});

async function roundTrip(
  db: TestDatabase,
  { tables, replication }: RoundTripSchema,
  way: Partial<InstallOptions>,
): Promise<void> {
  const client = await db.client();
  const hint = JSON.stringify(way);
  const plan = () => planInstall(client, { tables, mode: 'notify', ...way });
  const before = await fingerprint(db);
  const dumped = await pgDump?.(db);
  const refused = replication === 'never' || (replication === 'full' && way.replicaIdentity === undefined);
  if (way.mode !== 'notify' && refused) {
    await expect(plan(), hint).rejects.toMatchObject({ code: 'WOULD_BREAK_WRITERS' });
    expect(await fingerprint(db), hint).toEqual(before);
    return;
  }
  const install = await plan();
  expect(install.statements.length, hint).toBeGreaterThan(0);
  await commitPlan(client, install);
  const installed = await fingerprint(db);
  expect(installed, hint).not.toEqual(before);
  expect((await plan()).statements, hint).toEqual([]);
  await commitPlan(client, await planUninstall(client));
  expect(await fingerprint(db), hint).toEqual(before);
  expect(await pgDump?.(db), hint).toEqual(dumped);

  await client.query(install.sql);
  expect((await plan()).statements, `${hint}, by its script`).toEqual([]);
  const scripted = await fingerprint(db);
  await client.query(install.down);
  expect(await fingerprint(db), `${hint}, by its script and the one back`).toEqual(before);

  await client.query(install.sql);
  const uninstall = await planUninstall(client);
  await client.query(uninstall.sql);
  expect(await fingerprint(db), `${hint}, uninstalled by its script`).toEqual(before);
  expect(await pgDump?.(db), hint).toEqual(dumped);
  await client.query(uninstall.down);
  expect(await fingerprint(db), `${hint}, uninstalled and back`).toEqual(scripted);
  await client.query(uninstall.sql);
  await client.end();
}

async function withSchema(
  { create }: RoundTripSchema,
  work: (db: TestDatabase) => Promise<void>,
): Promise<void> {
  const db = await createDatabase();
  const role = escapeIdentifier(`role_${db.name}`);
  await db.query(`create role ${role} nosuperuser`);
  try {
    await db.query(create(role));
    await work(db);
  } finally {
    await db.query(`drop owned by ${role} cascade; drop role ${role}`);
    await db.drop();
  }
}

test('pg_dump is recent enough for the server to be asked as well', (context) => {
  if (pgDump === null) context.skip(`there is no pg_dump of major ${Math.floor(version / 10_000)} or later`);
});
