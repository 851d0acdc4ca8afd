import { afterAll, beforeAll, expect, test } from 'vitest';
import { planInstall, planUninstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** Every type that the SQL of plans names in a declaration, or could. */
const TYPES = 'text int int4 int8 name oid bool timestamptz interval float8 record regclass json jsonb'.split(
  ' ',
);

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  // A domain of a stranger's runs the stranger's function when a value is made of it.
  await db.query(`
    create table orders (id int primary key);
    create function public.evil(v anyelement) returns boolean language plpgsql as $$
      begin raise exception 'a stranger''s code runs'; end $$`);
  for (const type of TYPES)
    await db.query(
      `create domain public."${type}" as pg_catalog.varchar check (public.evil(value::pg_catalog.varchar))`,
    );
});
afterAll(() => db.drop());

test('the script of a plan looks no type up where others may make one', async () => {
  const planner = await db.client();
  const user = await db.client();
  // Types of pg_catalog come after those of others, as some have it set.
  await user.query('set search_path = public, pg_catalog');
  const install = await planInstall(planner, { tables: ['orders'], mode: 'both' });
  await user.query(install.sql);
  const uninstall = await planUninstall(planner);
  await user.query(uninstall.sql);
  const { rows } = await planner.query(
    'select count(*)::pg_catalog.int4 as left from pg_catalog.pg_publication',
  );
  expect(rows).toEqual([{ left: 0 }]);
});
