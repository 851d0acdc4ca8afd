import { Client, Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import { PgCacheWatchError } from '../../src/errors.js';
import { backoffMs } from '../../src/sources/backoff.js';
import { classifyError } from '../../src/sources/classify-error.js';
import { type ConnectionOption, clientConfig, redact } from '../../src/sources/connection.js';
import { createSource } from '../../src/sources/create-source.js';
import { livenessVerdict } from '../../src/sources/liveness.js';

describe('backoff', () => {
  test('doubles from 100 ms up to 30 s, and never beyond', () => {
    expect([1, 2, 3, 9, 10, 1000].map((attempt) => backoffMs(attempt, 0))).toEqual([
      100, 200, 400, 25_600, 30_000, 30_000,
    ]);
  });

  test('takes off up to half, by chance', () => {
    expect(backoffMs(3, 0.5)).toBe(300);
    expect(backoffMs(3, 0.999_999)).toBeGreaterThanOrEqual(200);
  });

  test('leaves minutes between failed logins', () => {
    expect(backoffMs(1, 0.999, true)).toBeGreaterThan(120_000);
  });
});

describe('liveness', () => {
  const at = (heardAtMs: number, probing = false) =>
    livenessVerdict({ nowMs: 10_000, heardAtMs, probing, silenceLimitMs: 3_000 });

  test('waits while there was a word lately', () => {
    expect(at(9_500)).toEqual({ do: 'wait', forMs: 500 });
  });

  test('asks after a third of the limit', () => {
    expect(at(9_000)).toEqual({ do: 'probe', forMs: 2_000 });
  });

  test('asks once', () => {
    expect(at(8_000, true)).toEqual({ do: 'wait', forMs: 1_000 });
  });

  test('gives up at the limit, asked or not', () => {
    expect(at(7_000, true)).toEqual({ do: 'give-up' });
    expect(at(0)).toEqual({ do: 'give-up' });
  });
});

describe('errors', () => {
  const server = (code: string, message: string) =>
    Object.assign(new Error(message), { code, severity: 'FATAL' });

  test.each([
    ['28P01', 'password authentication failed for user "x"'],
    ['28000', 'no pg_hba.conf entry'],
    ['3D000', 'database "x" does not exist'],
    ['42501', 'permission denied'],
    ['25006', 'cannot execute LISTEN during recovery'],
  ])('%s is final, and has a remedy', (code, message) => {
    const { error, mayMend } = classifyError(server(code, message));
    expect(mayMend).toBe(false);
    expect(error).toMatchObject({ sqlState: code, message: expect.stringContaining(message) });
    expect(error.remedy).not.toMatch(/tried again/);
  });

  test.each([
    ['57P01', 'terminating connection due to administrator command'],
    ['57P03', 'the database system is starting up'],
    ['53300', 'too many connections'],
  ])('%s may mend', (code, message) => {
    expect(classifyError(server(code, message)).mayMend).toBe(true);
  });

  test('a pooler that knows no replication is final, and says which does; its other troubles may mend', () => {
    const old = classifyError(server('08P01', 'unsupported startup parameter: replication'));
    expect(old.mayMend).toBe(false);
    expect(old.error.remedy).toContain('PgBouncer 1.23');
    const options = classifyError(server('08P01', 'unsupported startup parameter: options'));
    expect(options.mayMend).toBe(false);
    expect(options.error.remedy).toContain('ignore_startup_parameters');
    expect(classifyError(server('08P01', 'server conn crashed?')).mayMend).toBe(true);
  });

  test('a refused connection may mend, and says where, for every address tried', () => {
    const both = new AggregateError([
      new Error('connect ECONNREFUSED ::1:5'),
      new Error('ECONNREFUSED 127.0.0.1:5'),
    ]);
    const { error, mayMend } = classifyError(Object.assign(both, { code: 'ECONNREFUSED' }));
    expect(mayMend).toBe(true);
    expect(error.message).toMatch(/::1:5.*127\.0\.0\.1:5/);
    expect(error.sqlState).toBeNull();
  });

  test('after a failed login the pauses are long', () => {
    expect(classifyError(server('28P01', 'no')).slow).toBe(true);
    expect(classifyError(server('57P03', 'no')).slow).toBe(false);
  });

  test('our own errors stay what they are', () => {
    const own = new PgCacheWatchError('NOT_WATCHED', 'x');
    expect(classifyError(own)).toEqual({ error: own, mayMend: false, slow: false });
  });

  test.each([
    new TypeError('row.columns.map is not a function'),
    new Error('an assumption of ours does not hold'),
    new SyntaxError('Unexpected token x in JSON'),
    Object.assign(new TypeError('The "id" argument must be of type string'), {
      code: 'ERR_INVALID_ARG_TYPE',
    }),
    Object.assign(new Error('Expected values to be equal'), { code: 'ERR_ASSERTION' }),
    'a text',
  ])('a mistake in our own code is never the connection’s: %s', (thrown) => {
    const { error, mayMend } = classifyError(thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', remedy: expect.stringContaining('report') });
    expect(mayMend).toBe(false);
  });

  test.each([
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    Object.assign(new Error('getaddrinfo EAI_AGAIN db'), { code: 'EAI_AGAIN' }),
    Object.assign(new Error('getaddrinfo ENOTFOUND db'), { code: 'ENOTFOUND' }),
    Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
    Object.assign(new Error('wrong version number'), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated'),
    new Error('timeout expired'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('There was an error establishing an SSL connection'),
    new Error('Received unexpected dataRow message from backend.'),
  ])('what the system or pg says of a connection may mend: %s', (thrown) => {
    expect(classifyError(thrown)).toMatchObject({ mayMend: true, error: { code: 'CONNECTION' } });
  });

  test('no password is in a message', () => {
    expect(redact('connect to postgres://u:s3cr%40t@h:5/d failed')).toBe(
      'connect to postgres://u:***@h:5/d failed',
    );
    expect(redact("host=h password='s3 cret' user=u")).toBe('host=h password=*** user=u');
    expect(classifyError(new Error('bad postgres://u:p4ss@h/d')).error.message).not.toMatch(/p4ss/);
  });
});

describe('the connection', () => {
  test('is kept alive, bounded while connecting, and never killed by a query time-out', () => {
    const config = clientConfig({ host: 'h', query_timeout: 5_000 }, 'name');
    expect(config).toMatchObject({ host: 'h', keepAlive: true, application_name: 'name' });
    expect(config.connectionTimeoutMillis).toBeGreaterThan(0);
    expect(config).not.toHaveProperty('query_timeout');
  });

  test('of a URL or an object, only that is passed which says where the server is and who asks', () => {
    const timeouts = { query_timeout: 1, statement_timeout: 1, lock_timeout: 1 };
    const query = 'query_timeout=1&statement_timeout=1&replication=database&binary=true&keepAlive=x';
    const expected = { host: 'h', port: '5', user: 'u', password: 'p', database: 'd', options: '-c a=b' };
    for (const given of [
      `postgres://u:p@h:5/d?options=-c%20a%3Db&${query}`,
      { connectionString: `postgres://u:p@h:5/d?options=-c%20a%3Db&${query}`, ...timeouts, max: 5 },
      { ...expected, ...timeouts, port: 5, types: {}, pipeline: true, binary: true, Promise, max: 5 },
    ]) {
      const { stream, ...config } = clientConfig(given as ConnectionOption, 'name');
      expect(Object.keys(config).sort()).toEqual(
        [...Object.keys(expected), 'application_name', 'connectionTimeoutMillis', 'keepAlive'].sort(),
      );
      expect(config).toMatchObject({ ...expected, port: expect.anything() });
    }
  });

  test('what a user’s function throws is the user’s, and is tried again', async () => {
    const { password } = clientConfig(
      { host: 'h', password: () => Promise.reject(new TypeError('no token')) },
      'x',
    );
    const thrown = await Promise.resolve(typeof password === 'function' ? password() : '').catch(
      (error: unknown) => error,
    );
    expect(classifyError(thrown)).toMatchObject({
      mayMend: true,
      error: { code: 'CONNECTION', message: expect.stringContaining('no token') },
    });
  });

  test.each([
    ['a Pool', new Pool({ connectionString: 'postgres://h/d' })],
    ['a Client', new Client({ connectionString: 'postgres://h/d' })],
    ['a URL object', new URL('postgres://h/d')],
    ['an array', ['postgres://h/d']],
    ['a promise', Promise.resolve('postgres://h/d')],
    ['a function', () => 'postgres://h/d'],
    ['a number', 5432],
    ['null', null],
    ['an empty string', ''],
  ])('%s is refused at once, with a remedy', (name, connection) => {
    expect(() => createSource({ connection: connection as ConnectionOption })).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTION',
        message: expect.stringContaining(name),
        remedy: expect.stringMatching(/./),
      }),
    );
  });

  test('a password function that pg would not ask is refused', () => {
    const config = { connectionString: 'postgres://u@h/d', password: () => 'x' };
    expect(() => clientConfig(config, 'name')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    expect(clientConfig({ host: 'h', password: () => 'x' }, 'name')).toHaveProperty('password');
  });

  test('an empty URL is refused at once', () => {
    expect(() => clientConfig(' ', 'name')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });
});
