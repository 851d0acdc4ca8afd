import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { carryOut, examineAt, theWrong, wrong } from './setup.js';

const serverPackage = inject('serverPackage');

let db: TestDatabase;
let owner: string;
let stranger: string;

const as = (role: string) => {
  const url = new URL(db.url);
  url.username = role;
  url.password = 'x';
  return url.href;
};
const install = async () => {
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'both' }));
};

/** Roles belong to the server, and other tests have theirs. */
async function prepare(serverUrl?: string): Promise<void> {
  db = await createDatabase(serverUrl);
  owner = `owner_${db.name}`;
  stranger = `stranger_${db.name}`;
  await db.query(`create role ${owner} login password 'x'; create role ${stranger} login password 'x';
    create table orders (id int primary key); alter table orders owner to ${owner}`);
}

describe('as a role', () => {
  beforeEach(() => prepare());
  afterEach(async () => {
    for (const role of [owner, stranger]) await db.query(`drop owned by ${role} cascade; drop role ${role}`);
    await db.drop();
  });

  test('that owns nothing, where all is installed: notify works, replication takes the right', async () => {
    await install();
    const report = await examineAt(as(stranger));
    expect(report.verdict).toMatchObject({
      works: true,
      auto: 'notify',
      modes: { notify: true, replication: false },
    });
    expect(wrong(report, 'installing-rights')).toEqual([]);
    const finding = theWrong(report, 'replication-right');
    expect(finding.message).toBe(`Role ${stranger} may not replicate`);
    await carryOut(finding, { url: db.url });
    expect((await examineAt(as(stranger))).verdict).toMatchObject({ works: true, auto: 'replication' });
  });

  test('that owns the tables and may not create anything: what is missing is granted, and it installs', async () => {
    const before = await examineAt(as(owner), { tables: ['orders'] });
    const [notify, replication, ...others] = wrong(before, 'installing-rights');
    expect(others).toEqual([]);
    expect(notify?.message).toMatch(/may not create the schema pgcachewatch/);
    expect(replication?.message).toMatch(/may not create a publication/);
    for (const finding of [notify, replication]) if (finding) await carryOut(finding, { url: db.url });
    const granted = await examineAt(as(owner), { tables: ['orders'] });
    expect(wrong(granted, 'installing-rights')).toEqual([]);
    for (const check of ['triggers', 'publication']) {
      await carryOut(theWrong(granted, check), { url: as(owner) });
    }
    expect((await examineAt(as(owner))).verdict.modes).toEqual({ notify: true, replication: false });
  });

  test('that owns nothing: what it needs of the owner is granted, and it installs', async () => {
    await db.query(`grant create on database ${db.name} to ${stranger}`);
    const before = await examineAt(as(stranger), { tables: ['orders'] });
    const findings = wrong(before, 'installing-rights');
    expect(findings.map(({ modes, message }) => [modes, message])).toEqual([
      [['notify'], `Role ${stranger} does not own public.orders, and cannot install it for notify`],
      [['replication'], `Role ${stranger} does not own public.orders, and cannot install it for replication`],
    ]);
    for (const finding of findings) await carryOut(finding, { url: db.url });
    const granted = await examineAt(as(stranger), { tables: ['orders'] });
    expect(wrong(granted, 'installing-rights')).toEqual([]);
    for (const check of ['triggers', 'publication']) {
      await carryOut(theWrong(granted, check), { url: as(stranger) });
    }
    expect((await examineAt(as(stranger))).verdict.modes.notify).toBe(true);
  });

  test("cannot see how long others' transactions have been open, and is told so", async () => {
    await install();
    const writer = await db.client();
    await writer.query('begin; insert into orders values (1)');
    const { findings } = await examineAt(as(stranger));
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'open-transactions',
        level: 'note',
        message: expect.stringContaining('pg_read_all_stats'),
      }),
    );
    await writer.query('rollback');
  });

  test.each([
    ['of the database', () => `alter database ${db.name} set default_transaction_read_only = on`],
    ['of the role', () => `alter role ${stranger} set default_transaction_read_only = on`],
    [
      'of the role in the database',
      () => `alter role ${stranger} in database ${db.name} set default_transaction_read_only = on`,
    ],
  ])('whose transactions only read by a setting %s, both modes work, and it can be undone', async (_, set) => {
    await install();
    await db.query(`alter role ${stranger} replication`);
    await db.query(set());
    const report = await examineAt(as(stranger));
    expect(report.verdict.modes).toEqual({ notify: true, replication: true });
    const note = report.findings.find(({ check }) => check === 'read-only');
    expect(note?.level).toBe('note');
    if (note) await carryOut(note, { url: db.url });
    const after = await examineAt(as(stranger));
    expect(after.findings.filter(({ check }) => check === 'read-only')).toEqual([]);
  });

  test('whose transactions only read by its connection, is told to look there', async () => {
    await install();
    const url = `${db.url}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`;
    const report = await examineAt(url);
    expect(report.verdict.modes).toEqual({ notify: true, replication: true });
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        check: 'read-only',
        remedyKind: 'words',
        remedy: expect.stringContaining('PGOPTIONS'),
      }),
    );
  });
});

// Roles of such names would be believed by the other tests, too.
test.skipIf(serverPackage === null)(
  'a role that has the right by a role of a provider is believed, and the server has the last word',
  async () => {
    const server = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    try {
      await prepare(server.url);
      await install();
      await db.query(`create role rds_replication; grant rds_replication to ${stranger}`);
      const report = await examineAt(as(stranger));
      expect(wrong(report, 'replication-right')).toEqual([]);
      const finding = theWrong(report, 'replication-connection');
      expect(finding.message).toMatch(
        /permission denied to start WAL sender|must be superuser or replication role/,
      );
      expect(report.verdict).toMatchObject({ works: true, auto: 'notify', modes: { replication: false } });
      expect(report.verdict.conclusion).toEqual([
        'Mode auto takes notify here: replication seems possible and fails: replication-connection.',
      ]);
      // Which is what a source does.
      await using source = createSource({ connection: as(stranger) });
      await source.start();
      expect(source.mode).toBe('notify');
      await source.close();
      await carryOut(finding, { url: db.url });
      expect((await examineAt(as(stranger))).verdict).toMatchObject({ works: true, auto: 'replication' });
    } finally {
      await server.stop();
    }
  },
);
