import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../src/demo/free-port.js';
import { serverUser } from '../../src/demo/run-as.js';

/** A PgBouncer in front of a server, which asks nobody for a password. */
export interface PgBouncer {
  /** The URL given, by way of the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where the program is; `null`: not on this machine, and the tests that need it are skipped. */
export function findPgBouncer(): string | null {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => path.join(folder, 'pgbouncer')).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts one in front of the server of the URL; it refuses to run as root, which lends it another user. */
export async function startPgBouncer(
  target: string,
  poolMode: 'transaction' | 'session' = 'transaction',
): Promise<PgBouncer> {
  const program = findPgBouncer();
  if (program === null) throw new Error('There is no pgbouncer on this machine: apt-get install pgbouncer');
  const runAs = serverUser();
  const folder = await mkdtemp(path.join(tmpdir(), 'pgbouncer-'));
  const port = await freePort();
  const file = path.join(folder, 'pgbouncer.ini');
  await writeFile(file, configuration(new URL(target), port, poolMode));
  if (runAs !== null) for (const owned of [folder, file]) await chown(owned, runAs.uid, runAs.gid);
  const child = spawn(program, [file], { ...runAs, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = new URL(target);
  url.port = String(port);
  return { url: url.href, stop };
}

function configuration({ hostname, port, username, password }: URL, listen: number, mode: string): string {
  const login = password === '' ? `user=${username}` : `user=${username} password=${password}`;
  return `[databases]
* = host=${hostname} port=${port} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
`;
}

/** It says on its standard error when it is up. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('process up')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`pgbouncer ended: ${said}`)));
  });
}
