import { escapeIdentifier } from 'pg';
import { expect, test } from 'vitest';
import { createSource } from '../../src/index.js';
import { commitPlan, planUninstall } from '../../src/install/index.js';
import { setup } from './replication-setup.js';

const it = setup();

async function slots(): Promise<string[]> {
  const { rows } = await it.db.query(
    'select slot_name from pg_replication_slots where database = current_database() order by 1',
  );
  return rows.map(({ slot_name }) => slot_name);
}

const createSlot = (name: string, plugin = 'pgoutput') =>
  it.db.query('select pg_create_logical_replication_slot($1, $2)', [name, plugin]);

test('slots of our name, and those that are named, go after the last table, others stay', async () => {
  const mine = `pgcachewatch_${it.db.name}`;
  const [named, other] = [`named_${it.db.name}`, `other_${it.db.name}`];
  await it.db.query('create table one (id int primary key); create table two (id int primary key)');
  await it.install(['one', 'two']);
  for (const name of [mine, named, other]) await createSlot(name);
  const first = await it.uninstall({ tables: ['one'] });
  expect(first.afterwards).toEqual([]);
  const last = await planUninstall(it.client, { slots: [named, 'nowhere'] });
  expect(last.afterwards.map(({ purpose }) => purpose)).toEqual([
    `drop the replication slot ${named}`,
    `drop the replication slot ${mine}`,
  ]);
  expect(last.sql).toMatch(/drop publication.*pg_drop_replication_slot/s);
  expect(last.notes).toContain('There is no replication slot nowhere.');
  await commitPlan(it.client, last);
  expect(await slots()).toEqual([other]);
  const again = await it.uninstall();
  expect(again.statements).toEqual([]);
  expect(again.notes).toContain('There is nothing of pgcachewatch to remove.');
  await it.uninstall({ slots: [other] });
  expect(await slots()).toEqual([]);
});

test('a slot that nobody reads and that may be of somebody else stays, and is named with what drops it', async () => {
  const [mine, other] = [`pgcachewatch_${it.db.name}`, `shop_${it.db.name}`];
  await it.db.query('create table named (id int primary key)');
  await it.install(['named']);
  await createSlot(other);
  await createSlot(mine);
  // As long as tables are published, those of our name stay as well.
  const staying = await planUninstall(it.client, { exclude: ['named'] });
  for (const slot of [mine, other])
    expect(staying.notes.join('\n')).toContain(`The replication slot ${slot} stays`);
  const { notes, afterwards } = await it.uninstall();
  expect(afterwards.map(({ purpose }) => purpose)).toEqual([`drop the replication slot ${mine}`]);
  const note = notes.find((each) => each.includes(other)) ?? expect.fail(notes.join('\n'));
  expect(note).toMatch(/stays: nobody reads it, and it holds \d+ (bytes|kB|MB) of WAL/);
  expect(await slots()).toEqual([other]);
  await it.db.query(
    /select pg_catalog\.pg_drop_replication_slot\([^;]+;/.exec(note)?.[0] ?? expect.fail(note),
  );
  expect(await slots()).toEqual([]);
  expect((await it.uninstall()).notes).toEqual(['There is nothing of pgcachewatch to remove.']);
});

test('the script drops slots, too, and the one back says that it cannot bring them back', async () => {
  const slot = `pgcachewatch_scripted_${it.db.name}`;
  await it.db.query('create table scripted (id int primary key)');
  await it.install(['scripted']);
  await createSlot(slot);
  const { sql, down } = await planUninstall(it.client);
  expect(sql).toContain(`-- drop the replication slot ${slot}, which no rollback takes back`);
  expect(down).toContain(`-- What cannot be taken back: drop the replication slot ${slot}`);
  await it.db.query(sql);
  expect(await slots()).toEqual([]);
  expect(await it.published()).toEqual([]);
  await it.db.query(down);
  expect(await it.published()).toEqual(['scripted']);
  await it.uninstall();
});

test('where the script fails, it has dropped no slot', async () => {
  const slot = `pgcachewatch_failing_${it.db.name}`;
  await it.db.query('create table failing (id int primary key); create table staying (id int primary key)');
  await it.install(['failing'], { mode: 'both' });
  await createSlot(slot);
  const { sql } = await planUninstall(it.client);
  await it.install(['staying'], { mode: 'notify' });
  await expect(it.client.query(sql)).rejects.toThrow('because other objects depend on it');
  expect(await slots()).toEqual([slot]);
  expect(await it.published()).toEqual(['failing']);
  await it.uninstall();
});

test('a slot that is being read stays, and its reader is named; when it has ended, the slot goes', async () => {
  const slot = `pgcachewatch_read_${it.db.name}`;
  await it.db.query('create table read (id int primary key)');
  await it.install(['read']);
  const source = createSource({
    mode: 'replication',
    connection: it.db.url,
    replication: { slot: { name: slot } },
  });
  source.on('error', () => {});
  await source.start();
  try {
    const made = await planUninstall(it.client);
    expect(made.afterwards).toEqual([]);
    expect(made.notes.join()).toMatch(
      new RegExp(`The replication slot ${slot} stays: process \\d+ \\(pgcachewatch.*, role .+\\) reads it`),
    );
  } finally {
    await source.close();
  }
  await it.uninstall();
  expect(await slots()).toEqual([]);
});

test('a slot of our name that is of another plugin is left, and said', async (context) => {
  const slot = `pgcachewatch_other_${it.db.name}`;
  const created = await createSlot(slot, 'test_decoding').catch(() => null);
  if (created === null) return context.skip();
  expect((await it.uninstall()).notes.join()).toContain(
    `${slot} stays: it is of another kind (test_decoding`,
  );
  expect(await slots()).toEqual([slot]);
  await it.db.query('select pg_drop_replication_slot($1)', [slot]);
});

test('a slot that cannot be dropped is told, and that the rest was done', async () => {
  const slot = `pgcachewatch_kept_${it.db.name}`;
  const role = escapeIdentifier(`remover_${it.db.name}`);
  const client = await it.db.client();
  await it.db.query(`create table left_behind (id int primary key); create role ${role} nosuperuser`);
  await it.install(['left_behind']);
  await createSlot(slot);
  try {
    await it.db.query(`alter publication pgcachewatch owner to ${role}`).catch(async () => {
      await it.db.query(`grant create on database ${escapeIdentifier(it.db.name)} to ${role};
        alter publication pgcachewatch owner to ${role}`);
    });
    await client.query(`set role ${role}`);
    await expect(commitPlan(client, await planUninstall(client))).rejects.toMatchObject({
      code: 'SERVER',
      sqlState: '42501',
      message: expect.stringMatching(/drop the replication slot .* What comes before it was done$/),
      remedy: expect.stringContaining('REPLICATION'),
    });
    expect(await it.published()).toEqual([]);
  } finally {
    await client.query('reset role');
    await it.uninstall();
    await it.db.query(`drop owned by ${role}; drop role ${role}`);
  }
  expect(await slots()).toEqual([]);
});

test("another role's publication of ours is named and left, and what else there is goes", async () => {
  const role = escapeIdentifier(`owner_${it.db.name}`);
  await it.db.query(`create role ${role} nosuperuser; create table hers (id int primary key)`);
  await it.install(['hers'], { mode: 'both' });
  await it.db.query(`alter table hers owner to ${role}`);
  const client = await it.db.client();
  try {
    await client.query(`set role ${role}`);
    const made = await planUninstall(client);
    expect(made.notes.join()).toContain('The publication pgcachewatch stays');
    await commitPlan(client, made);
    expect(await it.published()).toEqual(['hers']);
  } finally {
    await client.query('reset role');
    await it.uninstall();
    await it.db.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('a table that was dropped or renamed since does not stand in the way', async () => {
  await it.db.query('create table doomed (id int); create table renamed (id int primary key)');
  await it.install(['doomed', 'renamed'], { replicaIdentity: 'full' });
  await it.db.query('drop table doomed; alter table renamed rename to renamed_since');
  await it.uninstall({ tables: ['renamed_since'] });
  expect(await it.published()).toEqual([]);
});
