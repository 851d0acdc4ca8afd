import { chown, cp, lchown, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { findNative, prepareBinaries } from '../../src/demo/embedded-binaries.js';
import type { EmbeddedServer } from '../../src/demo/embedded-server.js';
import { freePort } from '../../src/demo/free-port.js';
import { Postmaster } from '../../src/demo/postmaster.js';
import { type RunAs, serverUser } from '../../src/demo/run-as.js';

/** A physical standby, which streams from its primary. */
export interface Standby {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Makes a standby of an embedded server, from a copy of its data taken while it runs (PostgreSQL
 * documentation, 26.3.3: what pg_basebackup does, which is not in the npm package).
 *
 * @param settings of the standby, over those of its primary
 */
export async function startStandby(
  primary: EmbeddedServer,
  packageName: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Standby> {
  const runAs = serverUser();
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pgcachewatch-standby-')));
  const data = path.join(folder, 'data');
  let postmaster: Postmaster | null = null;
  const stop = async () => {
    await postmaster?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    if (runAs !== null) await chown(folder, runAs.uid, runAs.gid);
    await copyData(primary, data);
    await writeFile(path.join(data, 'standby.signal'), '');
    if (runAs !== null) await giveTo(data, runAs);
    const { postgres } = await prepareBinaries(findNative(packageName), path.join(folder, 'native'), runAs);
    const port = await freePort();
    const all = {
      ...settings,
      port: String(port),
      primary_conninfo: `${primary.url}?application_name=standby`,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    postmaster = await Postmaster.start(postgres, ['-D', data, ...args], { runAs, folder });
    const url = new URL(primary.url);
    url.port = String(port);
    return { url: url.href, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function copyData(primary: EmbeddedServer, to: string): Promise<void> {
  const client = new Client({ connectionString: primary.url });
  await client.connect();
  try {
    // The session has to stay until the copy is done. PostgreSQL 15 has renamed the two functions.
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int >= 150000 as renamed",
    );
    const renamed: boolean = rows[0].renamed;
    await client.query(
      renamed ? "select pg_backup_start('standby', true)" : "select pg_start_backup('standby', true, false)",
    );
    const ofThePrimaryAlone = /^(postmaster\.(pid|opts)|pg_replslot\/.+)$/;
    const from = path.join(primary.folder, 'data');
    await cp(from, to, {
      recursive: true,
      filter: (file) => !ofThePrimaryAlone.test(path.relative(from, file)),
    });
    const stopped = await client.query(
      renamed
        ? 'select labelfile from pg_backup_stop(false)'
        : 'select labelfile from pg_stop_backup(false, false)',
    );
    await writeFile(path.join(to, 'backup_label'), stopped.rows[0].labelfile);
  } finally {
    await client.end();
  }
}

async function giveTo(folder: string, { uid, gid }: RunAs): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(['', ...names].map((name) => lchown(path.join(folder, name), uid, gid)));
}
