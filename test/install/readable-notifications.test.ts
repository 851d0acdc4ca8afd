import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitPlan, type InstallOptions, planInstall, planUninstall } from '../../src/install/index.js';
import { examineAt } from '../doctor/setup.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
let client: Client;
let reader: string;
beforeAll(async () => {
  db = await createDatabase();
  client = await db.client();
  reader = `reader_${db.name}`;
  await db.query(`create role ${reader} login; create table keyed (id int primary key, secret text);
    create table unkeyed (secret text)`);
});
afterAll(async () => {
  await db.query(`drop role ${reader}`);
  await db.drop();
});

const cases: readonly [string, Partial<InstallOptions>, readonly string[], RegExp | null, string | null][] = [
  [
    'keys',
    {},
    ['keyed', 'unkeyed'],
    /^Notifications carry the keys of rows, and every role that may connect/,
    'note',
  ],
  ['whole rows', { mode: 'both', level: 'row' }, ['keyed'], /^Notifications carry whole rows/, 'warning'],
  ['nothing, at level table', { level: 'table' }, ['keyed'], null, null],
  ['nothing, where tables have no key', {}, ['unkeyed'], null, null],
  ['nothing, by a publication', { mode: 'replication' }, ['keyed'], null, null],
];

test.each(
  cases,
)('what every role that may connect can read is said once: %s', async (_, options, tables, expected, level) => {
  const plan = await planInstall(client, { tables, mode: 'notify', ...options });
  const notes = plan.notes.filter((note) => note.includes('LISTEN'));
  if (expected === null) expect(notes).toEqual([]);
  else expect(notes).toEqual([expect.stringMatching(expected)]);
  for (const way of expected === null ? [] : ['--level table', '--mode replication'])
    expect(notes[0]).toContain(way);
  await commitPlan(client, plan);
  const { findings } = await examineAt(db.url);
  const found = findings.filter(({ check }) => check === 'notification-readers');
  expect(found.map((finding) => finding.level)).toEqual(level === null ? [] : [level]);
  if (level === 'warning') expect(found[0]?.remedy).toContain('--level table');
  await commitPlan(client, await planUninstall(client));
});

test('a slot that nobody reads is named to a user of mode notify as well', async () => {
  const slot = `left_${db.name}`;
  await db.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  const found = (await examineAt(db.url, { mode: 'notify' })).findings.filter(
    ({ check }) => check === 'slots',
  );
  expect(found).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: expect.stringMatching(new RegExp(`^Slot ${slot} is read by nobody, and holds .* of WAL`)),
      remedy: expect.stringContaining(`pg_drop_replication_slot('${slot}')`),
    }),
  ]);
  await db.query('select pg_drop_replication_slot($1)', [slot]);
});
