import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { serverUser } from '../../src/demo/run-as.js';
import { cli, start } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** The ways to say which server, as which role, with which password and how protected. */

const serverPackage = inject('serverPackage') ?? undefined;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

let folder: string;
let db: TestDatabase;
let url: URL;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-connection-'));
  db = await createDatabase();
  url = new URL(db.url);
  await db.query('create table orders (id int primary key)');
  await cli('install', 'orders', '--mode', 'both', '--commit', '--url', db.url);
});
afterAll(async () => {
  await db.drop();
  await rm(folder, { recursive: true, force: true });
});

const names = [
  'DATABASE_URL',
  'PGHOST',
  'PGPORT',
  'PGUSER',
  'PGDATABASE',
  'PGPASSWORD',
  'PGPASSFILE',
  'PGSSLMODE',
];
beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

function withoutPassword(): string {
  const bare = new URL(url);
  bare.password = '';
  return bare.href;
}

test('PGHOST and the like serve where there is no URL', async () => {
  vi.stubEnv('PGHOST', url.hostname);
  vi.stubEnv('PGPORT', url.port);
  vi.stubEnv('PGUSER', url.username);
  vi.stubEnv('PGDATABASE', db.name);
  vi.stubEnv('PGPASSWORD', url.password);
  const { status, out } = await cli('status');
  expect(status).toBe(0);
  expect(out).toContain(`database ${db.name}, role ${url.username}`);
});

// The embedded servers ask for a password (scram-sha-256); of another one, that is not known.
describe.skipIf(serverPackage === undefined)('a server that asks for a password', () => {
  test('gets the one of PGPASSFILE, for every connection that a command makes', async () => {
    const file = path.join(folder, 'pgpass');
    const user = url.username;
    await writeFile(file, `other:5432:*:*:wrong\n${url.hostname}:${url.port}:*:${user}:${url.password}\n`);
    await chmod(file, 0o600);
    vi.stubEnv('PGPASSFILE', file);
    expect(await cli('status', '--url', withoutPassword())).toMatchObject({ status: 0, err: '' });
    for (const mode of ['notify', 'replication']) {
      const listening = start(['listen', '--mode', mode, '--count', '1', '--url', withoutPassword()]);
      await listening.said('live:');
      await db.query('insert into orders select coalesce(max(id), 0) + 1 from orders');
      expect((await listening.ended).status).toBe(0);
    }
  });

  test('and gets none, or the wrong one, is told with the remedy', async () => {
    vi.stubEnv('PGPASSFILE', path.join(folder, 'there is none'));
    const none = await cli('status', '--url', withoutPassword());
    expect(none).toMatchObject({ status: 1, out: '' });
    expect(none.err).toMatch(/^error: .*password.*\nremedy: .*PGPASSWORD, .pgpass.*\n$/);
    vi.stubEnv('PGPASSWORD', 'hunter2');
    const wrong = await cli('status', '--url', withoutPassword(), '--debug');
    expect(wrong.err).toMatch(/^error: .*password authentication failed.*\nremedy: .*\n(.+\n)+? {4}at /);
    expect(wrong.err).not.toContain('hunter2');
  });
});

describe('a password is never shown', () => {
  test.each([
    [['status', '--url', 'postgres://me:hunter2@127.0.0.1:1/x']],
    [['status', '--url', 'postgres://me:hunter2@127.0.0.1:1/x', '--debug']],
    [['status', '--url=postgres://me:hun ter2@[::1:x/y', '--debug']],
    [['status', '--url', 'postgres://me:p@ss:hunter2@nowhere.invalid:77777/x', '--debug']],
    [['status', '--url', 'postgres://127.0.0.1:1/x?user=me&password=hunter2', '--debug']],
    [['postgres://me:p@ss hunter2@127.0.0.1/x']],
    [['status', 'postgres://me:hunter2@127.0.0.1/x']],
    [['listen', 'postgres://me:hunter2@127.0.0.1/x', '--url', 'postgres://me:hunter2@127.0.0.1:1/x']],
    [['status', '--urk=postgres://me:hunter2@127.0.0.1/x']],
  ])('%j', async (args) => {
    const { status, out, err } = await cli(...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(/^error: /);
    expect(out + err).not.toMatch(/ter2/);
    expect(/^ {4}at /m.test(err)).toBe(args.includes('--debug'));
  });
});

describe.skipIf(serverPackage === undefined || !hasOpenssl)(
  'a server with TLS and a certificate of its own making',
  () => {
    let server: EmbeddedServer;
    let secure: URL;
    let certificates: string;

    beforeAll(async () => {
      certificates = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-tls-'));
      const [certificate, key] = ['server.crt', 'server.key'].map((name) => path.join(certificates, name));
      const request =
        '-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost';
      const files = ['-keyout', key ?? '', '-out', certificate ?? ''];
      execFileSync('openssl', ['req', ...request.split(' '), ...files], { stdio: 'ignore' });
      const user = serverUser();
      for (const name of ['', ...readdirSync(certificates)]) {
        if (user !== null) chownSync(path.join(certificates, name), user.uid, user.gid);
      }
      const settings = { ssl: 'on', ssl_cert_file: certificate ?? '', ssl_key_file: key ?? '' };
      server = await startEmbeddedServer({ packageName: serverPackage, settings });
      secure = new URL(server.url);
      secure.hostname = 'localhost';
      const access = path.join(server.folder, 'data/pg_hba.conf');
      await writeFile(access, (await readFile(access, 'utf8')).replace(/^host /gm, 'hostssl '));
      await server.restart();
    }, 60_000);
    afterAll(async () => {
      await server.stop();
      await rm(certificates, { recursive: true, force: true });
    });

    const status = (parameters: string) => {
      secure.search = parameters;
      return cli('status', '--url', secure.href);
    };

    test('is not spoken to without TLS', async () => {
      expect((await status('')).err).toMatch(/^error: .*no encryption/);
      expect((await status('sslmode=disable')).err).toMatch(/^error: .*no encryption/);
    });

    test('is refused while nothing vouches for it, with the remedy', async () => {
      const { status: code, err } = await status('sslmode=verify-full');
      expect(code).toBe(1);
      expect(err).toMatch(/^error: .*self-signed certificate\nremedy: .*sslrootcert.*\n$/);
    });

    test('is believed with its certificate as sslrootcert, by every connection', async () => {
      const trusted = `sslmode=verify-full&sslrootcert=${path.join(certificates, 'server.crt')}`;
      expect(await status(trusted)).toMatchObject({ status: 0, err: '' });
      const client = new Client({ connectionString: secure.href });
      await client.connect();
      await client.query('create table orders (id int primary key)');
      await cli('install', 'orders', '--mode', 'both', '--commit', '--url', secure.href);
      for (const mode of ['notify', 'replication']) {
        const listening = start(['listen', '--mode', mode, '--count', '1', '--url', secure.href]);
        await listening.said('live:');
        await client.query('insert into orders select coalesce(max(id), 0) + 1 from orders');
        expect((await listening.ended).status).toBe(0);
      }
      await client.end();
    });

    test('is believed unseen with sslmode=no-verify, in the URL or as PGSSLMODE', async () => {
      expect(await status('sslmode=no-verify')).toMatchObject({ status: 0, err: '' });
      vi.stubEnv('PGSSLMODE', 'no-verify');
      expect(await status('')).toMatchObject({ status: 0, err: '' });
      vi.stubEnv('PGSSLMODE', 'verify-full');
      expect(await status('')).toMatchObject({ status: 1 });
    });
  },
);
