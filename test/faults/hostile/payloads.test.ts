import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangeEvent } from '../../../src/index.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import type { ToldTransaction } from '../../../src/sources/change-statistics.js';
import { fits, ofWholeTable } from '../../../src/sources/notify/fits.js';
import { decodePayload } from '../../../src/sources/notify/payload.js';
import { relationOf } from '../../../src/sources/notify/payload-relation.js';
import { TransactionAssembler } from '../../../src/sources/notify/transaction-assembler.js';
import type { WatchedColumn, WatchedTable } from '../../../src/sources/watched-tables.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { randomOf } from '../random.js';
import { INPUTS, inherited, SEED } from './inputs.js';
import { mutateText, NASTY } from './mutate.js';

let db: TestDatabase;
/** What our triggers send, at each level. */
const recorded: string[] = [];

beforeAll(async () => {
  db = await createDatabase();
  const client = await db.client();
  for (const level of ['table', 'key', 'row'] as const) {
    const table = `at_${level}`;
    await db.query(`create table ${table} (id int primary key, note text, data jsonb)`);
    await commitPlan(client, await planInstall(client, { tables: [table], mode: 'notify', level }));
  }
  client.on('notification', ({ payload = '' }) => recorded.push(payload));
  await client.query('listen ch_pgcachewatch_table_change');
  for (const table of ['at_table', 'at_key', 'at_row']) {
    await db.query(`insert into ${table} select i, 'é"' || i, '{"a": [1]}' from generate_series(1, 20) i`);
    await db.query(
      `update ${table} set id = id + 100, note = null where id < 4; delete from ${table} where id = 7`,
    );
    await db.query(`truncate ${table}`);
  }
  await db.query("notify ch_pgcachewatch_table_change, 'the end'");
  await until(() => recorded.at(-1) === 'the end', 'the notifications');
});

afterAll(() => db?.drop());

const column = (name: string, typeOid: number, exactType: WatchedColumn['exactType']): WatchedColumn => ({
  name,
  typeOid,
  declaredTypeOid: typeOid,
  generated: null,
  exactType,
  parse: (text) => (typeOid === 23 ? Number(text) : text),
});
const id = column('id', 23, 'integer');
const watched: WatchedTable = {
  schema: 'public',
  table: 'at_key',
  visible: true,
  key: [id],
  columns: [id, column('note', 25, 'text'), column('data', 3802, null)],
  matchable: [id],
};

const truth = JSON.stringify({
  ...{ operation: 'update', table: 'at_key', sent_at: '2026-01-31T12:00:00Z', schema: 'public', xid: 7391 },
  ...{ key: ['id'], rows: [[['4242']]] },
});

test(
  `no payload does more harm than a needless drop, of ${INPUTS} (seed ${SEED})`,
  { timeout: 600_000 },
  () => {
    const random = randomOf(SEED);
    const before = inherited();
    let told: ToldTransaction[] = [];
    const assembler = new TransactionAssembler({ maxChanges: 1_000, maxBytes: 2 ** 20 }, (transaction) => {
      told.push(transaction);
    });
    /** As the session does with it. Returns whether it could be read. */
    const hear = (text: string): boolean => {
      const decoded = decodePayload(text);
      if (typeof decoded === 'string') {
        if (decoded === '') throw new Error('It does not say why it cannot be read');
        assembler.end();
        return false;
      }
      const payload = fits(watched, decoded) ? decoded : ofWholeTable(decoded);
      assembler.add(payload, [relationOf(watched, payload)], text.length);
      return true;
    };

    const samples: readonly string[] = [...recorded.slice(0, -1), truth];
    const [first = truth, ...others] = samples;
    let readable = 0;
    for (let i = 0; i < INPUTS; i++) {
      const text =
        random.fraction() < 0.02 ? random.pick(NASTY) : mutateText(random.pick([first, ...others]), random);
      try {
        if (hear(text)) readable++;
      } catch (error) {
        throw new Error(`${JSON.stringify(text.slice(0, 2_000))} is not withstood: ${String(error)}`);
      }
      if (i % 100 !== 0) continue;
      // The truth among the lies, and then the end of what is on the way.
      hear(truth);
      assembler.end();
      const changes = told.flatMap((transaction) => [...transaction.changes]);
      const isTold = changes.some(
        (change) => change.table === 'at_key' && (change.key === null || change.key.id === 4242),
      );
      expect(isTold, `after ${JSON.stringify(text.slice(0, 2_000))}`).toBe(true);
      for (const change of changes) look(change);
      told = [];
    }
    expect(inherited()).toBe(before);
    // Else it would be JSON.parse that is put to the test.
    expect(readable).toBeGreaterThan(INPUTS / 10);
  },
);

/** Everything that a predicate or a listener may look at. */
function look(change: ChangeEvent): void {
  JSON.stringify(change);
  for (const name of NASTY) {
    change.textBefore(name);
    change.textAfter(name);
  }
  const values = change.after ?? change.key ?? {};
  for (const name of Object.keys(values)) expect(Object.hasOwn(values, name)).toBe(true);
}
