import { describe, expect, test } from 'vitest';
import type { Findings } from '../../../src/sources/auto/capabilities.js';
import { chooseMode, noModeWorks } from '../../../src/sources/auto/choose-mode.js';
import { describeReason } from '../../../src/sources/auto/reason.js';
import { resolveOptions } from '../../../src/sources/source-options.js';
import { WatchedTables } from '../../../src/sources/watched-tables.js';

const t = { schema: 'public', table: 't', visible: true, key: [], columns: [], matchable: [] };
const reading = {
  watched: new WatchedTables([t]),
  byOid: new Map(),
  names: new Map(),
  unwatched: [],
  since: new Map(),
  fingerprint: '',
};
const none = { ...reading, watched: WatchedTables.none };
const ideal: Findings = {
  standby: false,
  role: 'app',
  wal_level: 'logical',
  may_replicate: true,
  max_slots: 10,
  used_slots: 0,
  has_slot: false,
  slot_reader: null,
  max_senders: 10,
  used_senders: 0,
  published: true,
  publishedTables: reading,
  notifyingTables: reading,
  writer: null,
};
const options = resolveOptions({ mode: 'auto' });

describe('auto', () => {
  test('takes replication where all that it needs is there', () => {
    const { mode, reasons } = chooseMode(ideal, options);
    expect(mode).toBe('replication');
    expect(reasons.every(({ met, remedy }) => met && remedy === null)).toBe(true);
  });

  test.each<[string, Partial<Findings>, RegExp, RegExp]>([
    ['wal_level', { wal_level: 'replica' }, /wal_level is replica/, /ALTER SYSTEM SET wal_level = 'logical'/],
    ['the right', { may_replicate: false }, /role app may not replicate/, /ALTER ROLE "app" REPLICATION/],
    ['slots', { used_slots: 10 }, /10 of 10 replication slots/, /max_replication_slots/],
    ['senders', { used_senders: 10 }, /10 of 10 WAL senders/, /max_wal_senders/],
    [
      'the publication',
      { published: false },
      /"pgcachewatch" does not exist/,
      /install <tables…> --mode replication/,
    ],
    ['tables', { publishedTables: none }, /holds 0 tables/, /install <tables…> --mode replication/],
    ['a table', { publishedTables: { ...reading, unwatched: ['x'] } }, /not tell all of x/, /install/],
  ])('takes notify for want of %s, and says what would help', (_, found, message, remedy) => {
    const { mode, reasons } = chooseMode({ ...ideal, ...found }, options);
    expect(mode).toBe('notify');
    const unmet = reasons.filter(({ met }) => !met);
    expect(unmet).toHaveLength(1);
    expect(unmet[0]).toMatchObject({ mode: 'replication', message: expect.stringMatching(message) });
    expect(unmet[0]?.remedy).toMatch(remedy);
  });

  test('refuses where neither works, naming everything in the way', () => {
    const choice = chooseMode({ ...ideal, wal_level: 'replica', notifyingTables: none }, options);
    expect(choice.mode).toBeNull();
    const error = noModeWorks(choice);
    expect(error).toMatchObject({ code: 'NO_MODE', message: expect.stringMatching(/wal_level.*triggers/) });
    expect(error.remedy).toMatch(/ALTER SYSTEM[\s\S]*--mode notify/);
  });

  test('never takes notify on a standby', () => {
    expect(chooseMode({ ...ideal, standby: true, may_replicate: false }, options).mode).toBeNull();
  });

  test('a reason reads as a sentence', () => {
    const reasons = chooseMode({ ...ideal, wal_level: 'replica' }, options).reasons.map(describeReason);
    expect(reasons[0]).toMatch(/^replication: no, wal_level is replica \(run: ALTER SYSTEM/);
    expect(reasons[1]).toBe('replication: yes, role app may replicate');
  });
});
