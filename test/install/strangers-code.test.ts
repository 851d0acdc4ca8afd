import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitPlan, planInstall, planUninstall } from '../../src/install/index.js';
import { cli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** What a table's owner can put where planning or running a statement on the table would run it. */
const TRAPS = `
  create table caught (by text);
  grant insert on caught to public;
  create function hers.note() returns boolean language plpgsql as
    $$ begin insert into hers.caught values (current_user); return true; end $$;
  create function trap() returns boolean immutable language plpgsql as $$ begin return hers.note(); end $$;
  create table target (id int primary key, v text, check (v <> ''));
  create table plain (v text);
  create table tree (id int primary key) partition by range (id);
  create table tree_low partition of tree for values from (0) to (10);
  create rule on_delete as on delete to target where trap() do also select trap();
  create rule on_update as on update to target where trap() do also select trap();
  create rule of_plain as on delete to plain where trap() do also select trap();
  create rule of_leaf as on delete to tree_low where trap() do also select trap();
  create rule of_root as on delete to tree where trap() do also select trap();
  alter table target enable row level security; alter table target force row level security;
  create policy hers on target using (trap())`;

let db: TestDatabase;
let client: Client;
let mallory: string;
beforeAll(async () => {
  db = await createDatabase();
  client = await db.client();
  mallory = `mallory_${db.name}`;
  await db.query(`create role ${mallory}; create schema hers authorization ${mallory}`);
  const hers = await db.client();
  await hers.query(`set role ${mallory}; set search_path = hers; ${TRAPS}`);
  await hers.end();
});
afterAll(async () => {
  await db.query(`drop owned by ${mallory} cascade; drop role ${mallory}`);
  await db.drop();
});

/** As whom the traps have run since the last time. */
async function caught(): Promise<string[]> {
  const { rows } = await db.query(
    'with gone as (delete from hers.caught returning by) select distinct by from gone',
  );
  return rows.map(({ by }) => by);
}

const tables = ['hers.target', 'hers.plain', 'hers.tree'];

test('the traps catch whoever plans a statement on the table', async () => {
  await client.query('explain delete from hers.plain');
  expect(await caught()).not.toEqual([]);
});

test('installing, uninstalling and taking back run nothing of a table owner', async () => {
  const options = { tables, mode: 'both', replicaIdentity: 'full' } as const;
  const plan = await planInstall(client, options);
  await commitPlan(client, plan);
  await client.query(plan.down);
  await client.query(plan.sql);
  const removal = await planUninstall(client);
  await commitPlan(client, removal);
  await client.query(removal.down);
  await client.query(removal.sql);
  expect(await caught()).toEqual([]);
});

test('the commands run nothing of a table owner', async () => {
  for (const args of [
    ['install', ...tables, '--mode', 'both', '--replica-identity', 'always-full', '--commit'],
    ['doctor'],
    ['status'],
    ['uninstall', '--commit'],
  ]) {
    const said = await cli('--url', db.url, ...args);
    expect(said.err, args[0]).not.toContain('error:');
    expect(await caught(), args[0]).toEqual([]);
  }
});

test('a script finds no name where other roles may create something', async () => {
  const plan = await planInstall(client, { tables: ['hers.target'], mode: 'both' });
  await db.query(`grant create on schema public to ${mallory}`);
  const hers = await db.client();
  await hers.query(`set role ${mallory};
    create function public.to_jsonb(text) returns jsonb language sql as $$ insert into hers.caught values (current_user); select pg_catalog.to_jsonb($1) $$;
    create function public.eq(name, text) returns boolean language plpgsql as
      $$ begin insert into hers.caught values (current_user); return $1::text operator(pg_catalog.=) $2; end $$;
    create operator public.= (leftarg = name, rightarg = text, function = public.eq);
    create function public.eq(text, text) returns boolean language plpgsql as
      $$ begin insert into hers.caught values (current_user); return pg_catalog.texteq($1, $2); end $$;
    create operator public.= (leftarg = text, rightarg = text, function = public.eq)`);
  await hers.end();
  await client.query('begin; set local search_path = public, pg_catalog');
  await client.query(plan.sql);
  expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'public, pg_catalog' }]);
  await client.query('commit');
  expect(await caught()).toEqual([]);
});
