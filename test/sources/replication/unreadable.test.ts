import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ChangeSource, cache, row, table } from '../../../src/index.js';
import { until } from '../../support/until.js';
import { startWalEditor, type WalEditor } from '../../support/wal-editor.js';
import { createFixture, type Fixture } from './fixture.js';

// What is tested here is what comes after a reconnection, not how long it takes to come.
vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 1 }));

let fixture: Fixture;
let editor: WalEditor;

beforeEach(async () => {
  fixture = await createFixture();
  editor = await startWalEditor(fixture.database.url);
  await fixture.publish('create table t (id int primary key, x text)', 't');
});
afterEach(async () => {
  await fixture.end();
  await editor.close();
});

const is = (message: Buffer, tag: string) => message[0] === tag.charCodeAt(0);
/** Edits the messages that hold the text `bad`, and have the tag. */
const bad = (tag: string, edit: (message: Buffer) => Buffer | Buffer[]) => (message: Buffer) =>
  is(message, tag) && message.includes('bad') ? edit(Buffer.from(message)) : message;
const with32 = (message: Buffer, at: number, value: number) => {
  message.writeUInt32BE(value, at);
  return message;
};
/** In an Insert: the tag, the relation (4 bytes), N, how many columns (2), the kind of the first, its length. */
const COUNT = 6;
const KIND = 8;
const LENGTH = 9;

/** What a source tells, in order. */
function story(source: ChangeSource): string[] {
  const told: string[] = [];
  source.on('transaction', ({ changes }) =>
    told.push([...changes].map(({ key }) => (key ? `row ${key.id}` : 'whole table')).join()),
  );
  source.on('gap', ({ reason }) => told.push(reason));
  source.on('state', (state) => told.push(state));
  return told;
}

describe('a transaction with a message that cannot be read', () => {
  test.each<[string, (message: Buffer) => Buffer | Buffer[]]>([
    ['is cut off after its type', bad('I', (message) => message.subarray(0, 1))],
    ['is cut off in the relation', bad('I', (message) => message.subarray(0, 3))],
    ['is cut off before its columns', bad('I', (message) => message.subarray(0, 7))],
    ['is cut off in a value', bad('I', (message) => message.subarray(0, message.length - 2))],
    ['has more to it than it should', bad('I', (message) => Buffer.concat([message, Buffer.from('x')]))],
    [
      'has a column too many',
      bad('I', (message) => {
        message.writeUInt16BE(3, COUNT);
        return message;
      }),
    ],
    [
      'has 65,535 columns',
      bad('I', (message) => {
        message.writeUInt16BE(65_535, COUNT);
        return message;
      }),
    ],
    ['has a value of 4 GB', bad('I', (message) => with32(message, LENGTH, 0xffff_ffff))],
    ['has a value of 2 GB', bad('I', (message) => with32(message, LENGTH, 0x7fff_ffff))],
    ['has a value of a kind that is not known', bad('I', (message) => message.fill('?', KIND, KIND + 1))],
    ['has no letter before its row', bad('I', (message) => message.fill('?', 5, 6))],
    ['is of a type that is not known', bad('I', (message) => message.fill('?', 0, 1))],
    ['is empty', bad('I', () => Buffer.alloc(0))],
    [
      'is a truncate of four billion tables',
      bad('I', (message) => [message, Buffer.from([0x54, 0xff, 0xff, 0xff, 0xff, 0])]),
    ],
    [
      'is a relation without columns',
      bad('I', (message) => [Buffer.from([0x52, 0, 0, 0, 1, 0x61]), message]),
    ],
    ['is an emitted message without an end', bad('I', (message) => [message, Buffer.from([0x4d, 1])])],
  ])('that %s is a gap in its place, and the stream goes on', async (_, edit) => {
    editor.edit = edit;
    const { source, errors } = await fixture.openDurable({ connection: editor.url });
    const told = story(source);
    const { database } = fixture;
    const x = cache(
      async (id: number) => (await database.query('select x from t where id = $1', [id])).rows[0]?.x,
      {
        source,
        dependsOn: (id) => [row('t', { id })],
      },
    );
    await x(2);
    await database.query(`insert into t values (1, 'good')`);
    await database.query(`begin; insert into t values (20, 'good'); insert into t values (2, 'bad'); commit`);
    await database.query(`insert into t values (3, 'good')`);
    await source.caughtUp();
    expect(told.slice(0, 2)).toEqual(['row 1', 'unreadable']);
    expect(told[2]).toMatch(/^(row 3|whole table)$/);
    expect(await x(2)).toBe('bad');
    expect(errors).toMatchObject([{ code: 'UNREADABLE' }]);
    expect([source.state, editor.streams]).toEqual(['live', 1]);
    // It is acknowledged as any other: whoever goes on from here is not told of it again.
    await source.close();
    const next = await fixture.openDurable();
    await next.source.caughtUp();
    // The publication is so young that it may seem to be younger than the slot: that gap is another matter.
    const unreadable = next.gaps.filter(({ reason }) => reason === 'unreadable');
    expect([next.transactions, unreadable]).toEqual([[], []]);
  });

  test('is no gap before it is visible', async () => {
    const { database } = fixture;
    const { source } = await fixture.openDurable({ connection: editor.url });
    editor.edit = bad('I', (message) => message.subarray(0, 1));
    let gaps = 0;
    const free = [await database.client(), await database.client()];
    const unseen: Promise<number>[] = [];
    source.on('gap', () => {
      const announced = ++gaps;
      // A read that had to wait its turn would prove nothing: it is sent at once, or not at all.
      const reader = free.pop();
      if (reader === undefined) return;
      const read = reader.query('select count(*)::int as n from t').then(({ rows }) => {
        free.push(reader);
        return announced - rows[0].n;
      });
      unseen.push(read);
    });
    const writers = await Promise.all(Array.from({ length: 8 }, () => database.client()));
    await Promise.all(
      writers.map(async (writer, w) => {
        for (let i = 0; i < 50; i++) await writer.query(`insert into t values ($1, 'bad')`, [w * 1000 + i]);
      }),
    );
    await source.caughtUp();
    expect(gaps).toBe(400);
    expect(unseen.length).toBeGreaterThan(0);
    expect(Math.max(...(await Promise.all(unseen)))).toBeLessThanOrEqual(0);
  });

  test('about a relation, leaves the rows of that relation to be told as the whole table', async () => {
    const { database } = fixture;
    const { source } = await fixture.open({ connection: editor.url });
    const told = story(source);
    await database.query(`insert into t values (1, 'x')`);
    await source.caughtUp();
    // Who would read the rows that follow as they were before would take `note` for `id`.
    editor.edit = (message) => (is(message, 'R') ? message.subarray(0, message.length - 3) : message);
    await database.query('alter table t add note text');
    await database.query(`insert into t values (2, 'x', 'y')`);
    await source.caughtUp();
    editor.edit = (message) => message;
    await database.query(`insert into t values (3, 'x', 'y')`);
    await source.caughtUp();
    expect(told.filter((each) => each !== 'unwatched')).toEqual(['row 1', 'unreadable', 'whole table']);
  });
});

describe('outside of any transaction', () => {
  test('an emitted message that cannot be read is a gap, and the stream goes on', async () => {
    const { database } = fixture;
    const { source } = await fixture.open({ connection: editor.url });
    const told = story(source);
    editor.edit = (message) => (message.includes('unheard') ? message.subarray(0, 4) : message);
    await database.query(`select pg_logical_emit_message(false, 'app', 'unheard')`);
    await database.query(`insert into t values (1, 'x')`);
    await source.caughtUp();
    expect(told).toEqual(['unreadable', 'row 1']);
  });
});

describe('where a transaction begins or ends cannot be read', () => {
  test.each<[string, (message: Buffer) => Buffer | Buffer[]]>([
    ['a begin that is cut off', (message) => (is(message, 'B') ? message.subarray(0, 20) : message)],
    ['a begin that is missing', (message) => (is(message, 'B') ? [] : message)],
    ['a commit that is cut off', (message) => (is(message, 'C') ? message.subarray(0, 9) : message)],
    ['a commit that is missing', (message) => (is(message, 'C') ? [] : message)],
    [
      'a commit of another one',
      (message) => (is(message, 'C') ? Buffer.from(message).fill(7, 2, 10) : message),
    ],
  ])('%s: a durable slot is read again from there, and nothing is lost', async (_, edit) => {
    const { database } = fixture;
    const { source, errors } = await fixture.openDurable({ connection: editor.url });
    const told = story(source);
    const back = until(() => told.filter((each) => each === 'live').length === 1, 'the source to be back');
    editor.edit = edit;
    await database.query(`insert into t values (1, 'x')`);
    await database.query(`insert into t values (2, 'x')`);
    await until(() => told.includes('interrupted'), 'the stream to end');
    editor.edit = (message) => message;
    await back;
    await source.caughtUp();
    expect(told.filter((each) => each.startsWith('row'))).toEqual(['row 1', 'row 2']);
    expect(errors.at(0)).toMatchObject({ code: 'UNREADABLE' });
  });

  test('again and again: it is told once, tried again, and cached values are not served', async () => {
    const { database } = fixture;
    const { source, errors } = await fixture.openDurable({ connection: editor.url });
    let loads = 0;
    const x = cache(async () => ++loads, { source, dependsOn: [table('t')] });
    await x();
    editor.edit = (message) => (is(message, 'B') ? message.subarray(0, 20) : message);
    await database.query(`insert into t values (1, 'x')`);
    await until(() => editor.streams >= 5, 'it to be tried again');
    expect(errors).toMatchObject([{ code: 'UNREADABLE' }]);
    expect(source.state).toBe('interrupted');
    expect([await x(), await x()]).toEqual([2, 3]);
  });
});
