import { types } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decode } from '../../../src/sources/replication/decoder.js';
import { Receiver } from '../../../src/sources/replication/receiver.js';
import { Relations } from '../../../src/sources/replication/relations.js';
import type { TransactionBuffer } from '../../../src/sources/replication/transaction-buffer.js';
import type { WatchedColumn, WatchedTable } from '../../../src/sources/watched-tables.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { type Random, randomOf } from '../random.js';
import { INPUTS, inherited, SEED } from './inputs.js';
import { mutateBytes } from './mutate.js';

let db: TestDatabase;
/** What a slot gives, a list of messages for each transaction. */
let recorded: [Buffer[], ...Buffer[][]];
let relation: Buffer;
let oid = 0;

const COMMIT = 'C'.charCodeAt(0);
const RELATION = 'R'.charCodeAt(0);
const SLOT_FUNCTION = 'pg_catalog.pg_logical_slot_get_binary_changes';

beforeAll(async () => {
  db = await createDatabase();
  await db.query(`create table t (id int primary key, note text, big text);
    create table other (a int, b uuid, c text); alter table other replica identity full;
    create publication fuzzed for table t, other`);
  const { rows } = await db.query(`select 't'::regclass::oid::int as oid`);
  oid = rows[0].oid;
  await db.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [db.name]);
  for (const text of [
    `insert into t select i, 'é' || i from generate_series(1, 30) i`,
    `update t set id = id + 100 where id < 4; delete from t where id = 7`,
    `update t set note = null, big = repeat('x', 9000) where id = 9; update t set note = 'y' where id = 9`,
    `insert into other values (1, gen_random_uuid(), null); update other set a = 2; delete from other`,
    `select pg_logical_emit_message(true, 'prefix', 'content'); insert into t values (4242)`,
    'truncate t, other',
  ]) {
    await db.query(text);
  }
  const read = await db.query(
    `select data from ${SLOT_FUNCTION}($1, null, null, 'proto_version', '1', 'publication_names', 'fuzzed', 'messages', 'true')`,
    [db.name],
  );
  const transactions: Buffer[][] = [[]];
  for (const { data } of read.rows) {
    transactions.at(-1)?.push(data);
    if (data[0] === COMMIT) transactions.push([]);
  }
  const [first = [], ...others] = transactions.filter((messages) => messages.length > 0);
  recorded = [first, ...others];
  relation = first.find((message) => message[0] === RELATION) ?? Buffer.of();
});

afterAll(() => db?.drop());

const column = (name: string, typeOid: number, exactType: WatchedColumn['exactType']): WatchedColumn => ({
  name,
  typeOid,
  declaredTypeOid: typeOid,
  generated: null,
  exactType,
  parse: (text) => text,
});

function tables(): Map<number, WatchedTable> {
  const id = column('id', 23, 'integer');
  const columns = [id, column('note', 25, 'text'), column('big', 25, 'text')];
  return new Map([
    [oid, { schema: 'public', table: 't', visible: true, key: [id], columns, matchable: [id] }],
  ]);
}

/** A session's ear: from its beginning until the stream is broken. */
class Ear {
  readonly told: TransactionBuffer[] = [];
  gaps = 0;
  isBroken = false;
  readonly #receiver = new Receiver({
    relations: new Relations({ byMember: tables(), memberNames: new Map([[oid, 'public.t']]) }, types),
    limits: { maxChanges: 100, maxBytes: 2 ** 20 },
    onTransaction: (transaction) => this.told.push(transaction),
    onMessage: () => {},
    onUnreadable: () => {
      this.gaps++;
    },
    onError: () => {
      this.isBroken = true;
    },
  });

  hear(message: Buffer, random: Random): void {
    // In the middle of the socket's buffer, which is written over when it has been heard.
    const before = random.integer(0, 40);
    const socket = Buffer.alloc(before + message.length + 20, 0xaa);
    message.copy(socket, before);
    decode(socket, before, before + message.length, this.#receiver);
    socket.fill(0xbb);
  }
}

test(
  `no message does more harm than a needless drop, of ${INPUTS} (seed ${SEED})`,
  { timeout: 900_000 },
  () => {
    const random = randomOf(SEED);
    const before = inherited();
    const [begin = Buffer.of(), , row = Buffer.of(), end = Buffer.of()] = recorded[4] ?? [];
    const truth = [begin, relation, row, end];
    let ear = new Ear();
    let readable = 0;
    let broken = 0;
    for (let i = 0; i < INPUTS; ) {
      const heard: string[] = [];
      for (const message of random.pick(recorded)) {
        i++;
        const changed = random.fraction() < 0.3 ? mutateBytes(message, random) : message;
        if (random.fraction() < 0.02) continue;
        heard.push(changed.toString('hex'));
        try {
          ear.hear(changed, random);
        } catch (error) {
          throw new Error(`${heard.slice(-3).join(' ')} is not withstood: ${String(error)}`);
        }
        // The session is over; the next one begins from where nothing is known.
        if (ear.isBroken) break;
      }
      for (const transaction of ear.told) look(transaction);
      readable += ear.told.filter(({ unreadable }) => unreadable === null).length;
      ear.told.length = 0;
      if (ear.isBroken) {
        broken++;
        ear = new Ear();
      }
      if (random.fraction() < 0.9) continue;

      // The truth after the lies, as the server sends it: with the relation before the row.
      for (const message of truth) ear.hear(message, random);
      const isTold = ear.isBroken || ear.told.some(tellsTruth);
      expect(isTold, `after ${heard.join(' ')}`).toBe(true);
      ear = new Ear();
    }
    expect(inherited()).toBe(before);
    // Else it would be the first bytes alone that are put to the test.
    expect(readable).toBeGreaterThan(INPUTS / 200);
    expect(broken).toBeGreaterThan(0);
  },
);

/** The row, its whole table, or that nothing is known any more. */
function tellsTruth(transaction: TransactionBuffer): boolean {
  if (transaction.unreadable !== null || transaction.needsCatalog) return true;
  return [...transaction.changes].some(({ key }) => key === null || key.id === '4242');
}

function look(transaction: TransactionBuffer): void {
  if (transaction.unreadable !== null) return;
  for (const change of transaction.changes) {
    JSON.stringify(change);
    for (const name of ['id', 'note', '__proto__']) {
      change.textBefore(name);
      change.textAfter(name);
    }
  }
}
