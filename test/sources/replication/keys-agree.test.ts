import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChangeEvent, createSource } from '../../../src/index.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import { type Recorded, recording } from '../../conformance/record.js';
import { createFixture, type Fixture } from './fixture.js';

/** Types of keys, with values whose text depends on settings or needs escaping. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  int: ['-2147483648', '0'],
  bigint: ['9223372036854775807'],
  uuid: [`'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`],
  text: [`E'it''s "quoted" \\\\ \\n\\t 😀 {["'`, `''`, `'NULL'`, `'null'`],
  boolean: ['true', 'false'],
  timestamptz: [`'2026-03-29 01:30:00.123456+05:45'`, `'infinity'`],
  timestamp: [`'2026-03-29 01:30:00'`],
  date: [`'2026-12-31'`, `'0044-03-15 BC'`],
  time: [`'13:59:59.5'`],
  interval: [`'1 year -2 months 3 days 04:05:06.7'`, `'-1 second'`],
  numeric: ['1.10', '-0.000001', `'NaN'`, '123456789012345678901234567890.5'],
  float8: ['0.1', '1e300', `'-Infinity'`, '0.30000000000000004'],
  float4: ['0.1', '16777217'],
  bytea: [`'\\x00ff5c'`, `''`],
  inet: [`'10.0.0.1/8'`, `'::1'`],
  'char(5)': [`'ab'`],
  '"char"': [`'x'`],
  'varchar(10)': [`'ab  '`],
  'int[]': [`'{1,2}'`],
  'text[]': [`'{"a b",NULL,"\\""}'`],
  regclass: [`'some_table'`],
  jsonb: [`'{"b": 1, "a": "é"}'`],
};

/** Settings of a role or a database under which values have other texts. */
const ODD = [
  `datestyle = 'SQL, DMY'`,
  `timezone = 'Asia/Kathmandu'`,
  `intervalstyle = 'sql_standard'`,
  `extra_float_digits = -15`,
  `bytea_output = 'escape'`,
];

let fixture: Fixture;
let notify: Recorded;

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(async () => {
  await notify.source.close();
  await fixture.end();
});

test('keys are the same, byte for byte, as those the notify source tells of the same changes', async () => {
  const { database } = fixture;
  for (const setting of ODD) await database.query(`alter database ${database.name} set ${setting}`);
  const names = Object.keys(TYPES).map((_, i) => `t${i}`);
  const sql = Object.keys(TYPES).map((type, i) => `create table t${i} (k ${type} primary key, n int);`);
  await fixture.publish(`create table some_table (); ${sql.join(' ')}`, ...names);
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: names, mode: 'notify' }));
  notify = recording(createSource({ mode: 'notify', connection: database.url }));
  await notify.source.start();
  const replication = await fixture.open();

  for (const [i, values] of Object.values(TYPES).entries()) {
    for (const value of values) await client.query(`insert into t${i} values (${value}, 0)`);
    await client.query(`update t${i} set n = 1`);
    await client.query(`update t${i} set k = k where n = 1`);
    await client.query(`delete from t${i}`);
  }
  await client.query(`insert into t3 values ('a', 0); update t3 set k = E'b''\\\\'`);

  const texts = (events: readonly ChangeEvent[]) =>
    events.map((change) => [change.operation, change.table, change.textBefore('k'), change.textAfter('k')]);
  const told = texts(await replication.events());
  expect(told).toEqual(texts(await notify.events()));
  expect(told.filter(([, , before, after]) => before === undefined && after === undefined)).toEqual([]);
  expect(told.length).toBeGreaterThan(4 * Object.keys(TYPES).length);
});
