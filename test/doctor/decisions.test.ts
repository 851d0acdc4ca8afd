import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { changeSetting } from '../../src/doctor/change-setting.js';
import { judgeQueue } from '../../src/doctor/checks/notification-queue.js';
import { describePlatform } from '../../src/doctor/checks/platform.js';
import { grantReplication } from '../../src/doctor/checks/replication-right.js';
import { judgeVersion } from '../../src/doctor/checks/server-version.js';
import { judgeSlot, type SlotReading } from '../../src/doctor/checks/slots.js';
import { reporter } from '../../src/doctor/finding.js';
import { inBytes } from '../../src/doctor/in-bytes.js';
import { onOneLine, withPlainIdentifiers } from '../../src/doctor/on-one-line.js';
import { detectPlatform, type Platform } from '../../src/doctor/platform.js';
import { byCommand, inWords } from '../../src/doctor/remedy.js';
import { judge } from '../../src/doctor/verdict.js';

describe('the verdict on auto', () => {
  const choice = { mode: 'replication', reasons: [] } as const;
  const finding = reporter('replication-connection', ['replication']).failure;
  const words = inWords('Mend it.');

  test('goes with what replication gives up at: then notify is taken', () => {
    expect(judge('auto', choice, [finding('refused', words, true)])).toMatchObject({
      works: true,
      auto: 'notify',
    });
  });

  test('stays with what replication tries again for ever', () => {
    expect(judge('auto', choice, [finding('away', words)])).toMatchObject({
      works: false,
      auto: 'replication',
      conclusion: [
        'Mode auto takes replication here (all that it looks at is there), and that does not work: replication-connection.',
        'Mode notify works: ask for it by name.',
      ],
    });
  });

  test('does not go over to notify where that is not installed', () => {
    const reasons = [{ mode: 'notify', met: false, message: 'no triggers', remedy: null }] as const;
    const findings = [finding('refused', words, true)];
    expect(judge('auto', { ...choice, reasons }, findings)).toMatchObject({
      works: false,
      auto: 'replication',
    });
  });

  test('says what could not be looked at', () => {
    expect(judge('auto', choice, [], 2).conclusion.at(-1)).toMatch(/2 of the checks could not look/);
  });
});

test.each([
  [130_014, 'failure'],
  [140_000, 'ok'],
  [180_004, 'ok'],
])('version %d is %s', (version, level) => {
  expect(judgeVersion(version, 'x').level).toBe(level);
});

describe('the platform', () => {
  const none = { settings: ['plpgsql'], roles: [], extensions: ['plpgsql'] };

  test.each<[Platform | null, Partial<typeof none> | Record<string, string[]>]>([
    [null, {}],
    ['rds', { roles: ['rds_superuser'] }],
    ['rds', { settings: ['plpgsql', 'rds'] }],
    ['cloud-sql', { settings: ['cloudsql'] }],
    ['azure', { roles: ['azure_pg_admin'], settings: ['azure'] }],
    ['supabase', { roles: ['supabase_admin'] }],
    ['neon', { settings: ['neon'] }],
    ['neon', { roles: ['neon_superuser'] }],
  ])('is %s by %j', (platform, traces) => {
    expect(detectPlatform({ ...none, ...traces })).toBe(platform);
    expect(describePlatform(platform).map(({ level }) => level)).toEqual(platform === null ? [] : ['note']);
  });

  test.each<[Platform, RegExp]>([
    ['rds', /rds\.logical_replication = 1 and reboot/],
    ['cloud-sql', /cloudsql\.logical_decoding=on/],
    ['azure', /--name wal_level --value logical, and restart/],
    ['supabase', /postgres-config update --config wal_level=logical/],
    ['neon', /Logical Replication, enable it/],
  ])('%s has its own name for wal_level', (platform, message) => {
    const setting = { value: 'replica', source: 'configuration file', restart: true };
    const { remedy, remedyKind } = changeSetting(platform, 'wal_level', 'logical', setting);
    expect(remedyKind).toBe('words');
    expect(remedy).toMatch(message);
  });

  test('RDS grants the right to replicate by a role', () => {
    const server = { role: '"App"' };
    const right = (platform: Platform | null) =>
      grantReplication({ platform, server: { ...anyServer, ...server } })
        .remedy.split('\n')
        .at(-1);
    expect(right('rds')).toBe('GRANT rds_replication TO "App";');
    expect(right('azure')).toBe('ALTER ROLE "App" REPLICATION;');
    expect(right(null)).toBe('ALTER ROLE "App" REPLICATION;');
  });
});

const anyServer = {
  version_name: '18.4',
  version: 180_004,
  standby: false,
  role: 'app',
  superuser: false,
  database: 'shop',
  may_create: false,
  backend_pid: 1,
  settings: {},
  traces: { settings: [], roles: [], extensions: [] },
};

test('a setting is changed where it comes from', () => {
  const change = (source: string, restart: boolean) =>
    changeSetting(null, 'max_wal_senders', '20', { value: '1', source, restart }, 'each takes one').remedy;
  expect(change('configuration file', true)).toBe(
    "-- each takes one\n-- as a superuser; then restart the server\nALTER SYSTEM SET max_wal_senders = '20';",
  );
  expect(change('default', false)).toMatch(/;\nSELECT pg_reload_conf\(\);$/);
  expect(change('command line', true)).toBe(
    "each takes one Change max_wal_senders to 20 on the server's command line, and start it again.",
  );
});

describe('a slot', () => {
  const slot: SlotReading = {
    name: 'pgcachewatch_a',
    plugin: 'pgoutput',
    type: 'logical',
    database: 'shop',
    here: true,
    temporary: false,
    active_pid: 7,
    active_application: 'pgcachewatch replication',
    confirmed: '0/1',
    lost: false,
    wal_status: 'reserved',
    held_bytes: 2 ** 20,
    lag_bytes: 100,
  };

  test.each<[string, Partial<SlotReading>, string | null, readonly string[]]>([
    ['of ours that is read is ok', {}, null, ['ok']],
    ['of ours that is far behind is a warning', { lag_bytes: 2 ** 30 }, null, ['warning']],
    ['of ours whose WAL may go is a warning', { wal_status: 'unreserved' }, null, ['warning']],
    ["of somebody else's that is read is nobody's business", { name: 'theirs' }, null, []],
    [
      "of somebody else's that nobody reads is a warning",
      { name: 'theirs', active_pid: null },
      null,
      ['warning'],
    ],
    [
      'of a standby that is away is a warning',
      { type: 'physical', plugin: null, database: null, here: null, active_pid: null },
      null,
      ['warning'],
    ],
    ['that is lost is a warning', { lost: true, active_pid: null }, null, ['warning']],
    ['that is asked about and waits is ok', { name: 'shop', active_pid: null }, 'shop', ['ok']],
    ['that is asked about and read is ok', { name: 'shop' }, 'shop', ['ok']],
    [
      'that is asked about, of another database, is a failure',
      { name: 'shop', here: false },
      'shop',
      ['failure'],
    ],
  ])('%s', (_, state, wanted, levels) => {
    expect(judgeSlot({ ...slot, ...state }, wanted).map(({ level }) => level)).toEqual(levels);
  });
});

test('a queue that fills without an open transaction sends to the log', () => {
  expect(judgeQueue({ usage: 0.6, pid: null, state: null, application: null })).toMatchObject({
    level: 'warning',
    remedyKind: 'words',
    remedy: expect.stringContaining("server's log"),
  });
  expect(judgeQueue({ usage: 0.01, pid: 1, state: 'active', application: 'x' }).level).toBe('ok');
});

test.each([
  [null, 'an unknown amount'],
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1536, '1.5 kB'],
  [16 * 2 ** 20, '16 MB'],
  [3 * 2 ** 40, '3.0 TB'],
])('%s bytes are %s', (bytes, text) => {
  expect(inBytes(bytes)).toBe(text);
});

test('an identifier with a line break stays one identifier, on one line', () => {
  expect(withPlainIdentifiers('DROP TABLE public."a\n\\b""c";')).toBe(
    'DROP TABLE public.U&"a\\000a\\\\b""c";',
  );
  expect(withPlainIdentifiers('DROP TABLE public."a b";')).toBe('DROP TABLE public."a b";');
  expect(onOneLine('one\r\n  two\u001b[31m "x\u009by"')).toBe('one two [31m U&"x\\009by"');
});

test.each([
  'orders',
  'public."Odd Name"',
  "it's",
  '$(id) `id` $HOME "x" \\',
  "a\nb'c\\d",
  '',
  '-x',
  '*',
])('a shell reads %j as one word', (word) => {
  const { remedy } = byCommand(['install', word]);
  expect(remedy).not.toContain('\n');
  const words = execFileSync('bash', ['-c', `printf '%s\\0' ${remedy}`]).toString();
  expect(words).toBe(`npx\0pgcachewatch\0install\0${word}\0`);
});
