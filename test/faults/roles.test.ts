import { escapeIdentifier, escapeLiteral } from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { until } from '../support/until.js';
import { KINDS, openScenario, type Scenario } from './scenario.js';

// A failed login is tried again after minutes (test/sources/decisions.test.ts); what counts here is that it is.
vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

/** A scenario whose source connects as a role of its own, with a password that a function provides. */
interface RoleScenario extends Scenario {
  readonly role: string;
  /** What the program's password function gives, and how often it was asked. */
  readonly program: { password: string; asked: number };
  alter(how: string): Promise<unknown>;
}

let scenario: RoleScenario | undefined;
afterEach(async () => {
  const { role, database } = scenario ?? {};
  if (role) await scenario?.query(`alter role ${role} superuser`);
  await scenario?.end();
  scenario = undefined;
  if (!role || !database) return;
  // Roles belong to the whole server.
  const url = new URL(database.url);
  url.pathname = '/postgres';
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`drop role ${role}`);
  await client.end();
});

async function open(kind: Scenario['kind']): Promise<RoleScenario> {
  const program = { password: 'first', asked: 0 };
  let role = '';
  const opened = await openScenario(kind, {
    isStarted: false,
    connection: (text) => {
      const url = new URL(text);
      const database = url.pathname.slice(1);
      role = `role_of_${database}`;
      const password = () => {
        program.asked++;
        return program.password;
      };
      return { host: url.hostname, port: Number(url.port), database, user: role, password };
    },
  });
  const name = escapeIdentifier(role);
  const own: RoleScenario = {
    ...opened,
    role: name,
    program,
    alter: (how) => opened.query(`alter role ${name} ${how}`),
  };
  scenario = own;
  await opened.query(`create role ${name} login replication password 'first'`);
  await opened.source.start();
  return own;
}

describe.each(KINDS)('roles, %s', (kind) => {
  test('the right to read the tables is none that the source needs', async () => {
    const s = await open(kind);
    await s.query(`revoke all on t, u from public; revoke all on t, u from ${s.role}`);
    await s.expectCachesRight();
    expect([s.states, s.errors]).toEqual([['connecting', 'live'], []]);
  });

  test('REPLICATION, taken away: what streams goes on; who must connect anew says what is missing', async () => {
    const s = await open(kind);
    await s.alter('noreplication');
    await s.expectCachesRight();
    expect(s.errors).toEqual([]);
    if (kind === 'notify') return;
    await s.query('insert into t values (30, 0)');
    if (kind === 'auto') {
      await s.restart();
      expect(s.source.mode).toBe('notify');
      expect(s.gaps.map(({ reason }) => reason)).toEqual(['switched']);
      return s.expectCachesRight();
    }
    await s.kill();
    const { remedy } = await s.says('SERVER');
    expect(remedy).toContain('Grant the role what the message asks for');
    await s.expectNothingKept();
    await s.query('insert into t values (31, 0)');
    expect(s.errors.length).toBeLessThan(4);
    await s.alter('replication');
    await s.becomes('live');
    await s.expectCachesRight();
    expect(s.gaps.map(({ reason }) => reason)).toEqual(s.isDurable ? [] : ['reconnected']);
    if (s.isDurable) expect([...s.heardIds]).toEqual(expect.arrayContaining([30, 31]));
  });

  test.each([
    [
      'CONNECT',
      (s: RoleScenario) => s.query(`revoke connect on database ${s.database.name} from public`),
      'SERVER',
    ],
    ['the login', (s: RoleScenario) => s.alter('nologin'), 'CONNECTION'],
  ])('%s, taken away: the connection that stands goes on; the next one is refused until it is given back', async (_, takeAway: (
    s: RoleScenario,
  ) => Promise<unknown>, code) => {
    const s = await open(kind);
    await takeAway(s);
    await s.expectCachesRight();
    await s.kill();
    const reason = () => s.errors.find((error) => /permission denied|not permitted/.test(error.message));
    expect(await until(reason, 'the reason')).toMatchObject({
      code,
      remedy: expect.stringMatching(/^(Grant|Check)/),
    });
    await s.expectNothingKept();
    await s.query('insert into t values (32, 0)');
    expect(s.errors.length).toBeLessThan(4);
    await s.query(`grant connect on database ${s.database.name} to public`);
    await s.alter('login');
    await s.becomes('live');
    await s.expectCachesRight();
    expect(s.gaps.map(({ reason }) => reason)).toEqual(s.isDurable ? [] : ['reconnected']);
    if (s.isDurable) expect(s.heardIds).toContain(32);
  });

  test('a password that is rotated: the connection that stands goes on; the next asks the program for the new one', async () => {
    const s = await open(kind);
    await s.alter(`password ${escapeLiteral('second')}`);
    await s.expectCachesRight();
    const { asked } = s.program;
    s.program.password = 'second';
    await s.restart();
    expect(s.program.asked).toBeGreaterThan(asked);
    await s.expectCachesRight();
    expect(s.errors.filter((error) => /password/.test(error.message))).toEqual([]);
  });

  test('a password that the program learns too late: refused, with the remedy and without the password, then right', async () => {
    const s = await open(kind);
    await s.alter(`password ${escapeLiteral('third')}`);
    await s.kill();
    const refused = () => s.errors.find((error) => /password authentication failed/.test(error.message));
    const error = await until(refused, 'the refusal');
    expect(error).toMatchObject({
      code: 'CONNECTION',
      sqlState: '28P01',
      remedy: expect.stringContaining('password'),
    });
    expect(error?.message).not.toContain('first');
    await s.expectNothingKept();
    expect(s.errors.length).toBeLessThan(4);
    s.program.password = 'third';
    await s.becomes('live');
    await s.expectCachesRight();
  });

  test('a program that cannot tell the password for a while is asked again', async () => {
    const s = await open(kind);
    const { password } = s.program;
    Object.defineProperty(s.program, 'password', {
      configurable: true,
      get: () => {
        throw new Error('the vault is sealed');
      },
    });
    await s.kill();
    await until(() => s.errors.some((error) => /the vault is sealed/.test(error.message)), 'the reason');
    await s.expectNothingKept();
    Object.defineProperty(s.program, 'password', { configurable: true, writable: true, value: password });
    await s.becomes('live');
    await s.expectCachesRight();
  });
});
