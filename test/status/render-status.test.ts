import pc from 'picocolors';
import { expect, it, test } from 'vitest';
import { renderStatus } from '../../src/status/render-status.js';
import { sizeText } from '../../src/status/size.js';
import type { SlotStatus, Status, TriggersStatus } from '../../src/status/status.js';

const empty: Status = {
  at: new Date(0),
  server: {
    version: '18.4',
    database: 'shop',
    role: 'app',
    standby: false,
    wal_level: 'logical',
    slot_limit_bytes: 64 * 1024 ** 2,
    sees_all_processes: true,
  },
  triggerFunction: 'missing',
  triggers: [],
  publications: [],
  slots: [],
  connections: [],
  notificationQueue: 0,
  unseen: [],
};

const slot: SlotStatus = {
  name: 'shop',
  ours: true,
  temporary: false,
  pid: null,
  application: null,
  role: null,
  address: null,
  confirmed_lsn: null,
  lag_bytes: null,
  held_bytes: null,
  wal_status: 'reserved',
  safe_bytes: null,
  invalidation_reason: null,
  inactive_since: null,
  synced: false,
};

const trigger: TriggersStatus = {
  name: 'public.orders',
  tables: 1,
  level: 'key',
  key: ['id'],
  channel: 'changes',
  max_rows: 1000,
  always: false,
  ordinary: false,
  complete: true,
};

const colors = pc.createColors(true);
const text = (status: Partial<Status>, of = pc.createColors(false)) =>
  renderStatus({ ...empty, ...status }, of).join('\n');

test.each([
  [0, '0 B'],
  [-5, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 kB'],
  [20 * 1024, '20 kB'],
  [3.25 * 1024 ** 3, '3.3 GB'],
  [5000 * 1024 ** 4, '5000 TB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(sizeText(bytes)).toBe(expected);
});

it('counts what is beyond a screen', () => {
  const triggers = Array.from({ length: 27 }, (_, i) => ({ ...trigger, name: `public.t${i}` }));
  const shown = text({ triggers });
  expect(shown).toContain('public.t19');
  expect(shown).not.toContain('public.t20');
  expect(shown).toContain('and 7 more, which --json tells');
});

it('tells of a slot that is lost, or will be', () => {
  const lost = { ...slot, wal_status: 'lost', invalidation_reason: 'wal_removed' };
  expect(text({ slots: [lost] })).toMatch(/lost: wal_removed +nobody/);
  expect(text({ slots: [lost] }, colors)).toContain(colors.red('lost: wal_removed'));
  const soon = { ...slot, wal_status: 'unreserved', safe_bytes: 2048 };
  expect(text({ slots: [soon] }, colors)).toContain(colors.yellow('unreserved, 2.0 kB to go'));
  expect(text({ slots: [slot] })).toContain('Replication slots (WAL is kept up to 64 MB)');
});

it('tells a share of the queue that is small from none', () => {
  const queue = (notificationQueue: number | null) =>
    /queue\n {2}(.*)/.exec(text({ notificationQueue }))?.[1];
  expect(queue(0)).toBe('0 % in use');
  expect(queue(0.0004)).toBe('0.04 % in use');
  expect(queue(0.5)).toBe('50 % in use');
  expect(queue(null)).toBe('not to be seen by this role');
});

it('sends nothing from the database to a terminal as it is', () => {
  const evil = 'a\u001b[2J\u009b\u202e\n';
  const status: Partial<Status> = {
    server: { ...empty.server, database: evil, role: evil, version: evil },
    triggers: [{ ...trigger, name: evil, level: evil, key: [evil], channel: evil }],
    publications: [{ name: evil, ours: true, all_tables: false, operations: 'insert', tables: [evil] }],
    slots: [{ ...slot, name: evil, pid: 1, application: evil, role: evil, address: evil }],
    connections: [{ pid: 1, application: evil, role: evil, address: evil, since: null }],
    unseen: [evil],
  };
  for (const line of renderStatus({ ...empty, ...status }, pc.createColors(false))) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});
