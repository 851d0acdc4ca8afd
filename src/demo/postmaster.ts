import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { PgCacheWatchError } from '../errors.js';
import type { RunAs } from './run-as.js';

const READY_WITHIN_MS = 60_000;
const LOG_LINES = 200;
/** A standby takes connections that only read. */
const READY = /database system is ready to accept (read-only )?connections/;
/** How long each way of asking is waited for before the next, ruder one. */
const STOP_STEPS = [
  ['SIGINT', 5_000],
  ['SIGQUIT', 3_000],
  ['SIGKILL', 3_000],
] as const;

/** How a program of the server is run. */
export interface Surroundings {
  readonly runAs: RunAs | null;
  /** A folder that `runAs` can enter. */
  readonly folder: string;
}

/** One running server process, from its start to its end. */
export class Postmaster {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #log: string[] = [];

  private constructor(program: string, args: readonly string[], surroundings: Surroundings) {
    this.#process = spawnIn(surroundings, program, args);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#remember(text));
    this.#exited = new Promise((resolve) => {
      this.#process.once('close', () => resolve());
      this.#process.once('error', (error) => {
        this.#remember(`${error.message}\n`);
        resolve();
      });
    });
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @throws PgCacheWatchError `EMBEDDED_SERVER` with the end of the log, where it ends or stays silent instead
   */
  static async start(program: string, args: readonly string[], surroundings: Surroundings) {
    const postmaster = new Postmaster(program, args, surroundings);
    await postmaster.#ready();
    return postmaster;
  }

  /** The last lines it wrote. */
  get log(): string {
    return this.#log.join('');
  }

  get running(): boolean {
    return (
      this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /** Sends a signal, and does not wait for what comes of it. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits for the process to end, up to a limit. Resolves to whether it did. */
  async ended(withinMs: number): Promise<boolean> {
    const stopWaiting = new AbortController();
    const late = delay(withinMs, undefined, { signal: stopWaiting.signal }).catch(() => {});
    await Promise.race([this.#exited, late]);
    stopWaiting.abort();
    return !this.running;
  }

  /** Asks it to stop, ruder each time, until it has. `'immediate'` leaves out the polite way. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    for (const [signal, waitMs] of STOP_STEPS.slice(mode === 'fast' ? 0 : 1)) {
      if (!this.running) return;
      this.signal(signal);
      if (await this.ended(waitMs)) return;
    }
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!READY.test(this.log)) {
      const late = Date.now() > deadline;
      if (late || (await this.ended(5))) {
        await this.stop('immediate');
        throw startFailure(late ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended', this.log);
      }
    }
  }

  #remember(text: string): void {
    this.#log.push(...text.split(/(?<=\n)/));
    this.#log = this.#log.slice(-LOG_LINES);
  }
}

/** Runs a program to its end, and throws what it wrote if it fails. */
export async function run(program: string, args: readonly string[], surroundings: Surroundings) {
  const child = spawnIn(surroundings, program, args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      output += error.message;
      resolve(null);
    });
  });
  if (code !== 0) throw startFailure('could not be set up', output);
}

function spawnIn({ runAs, folder }: Surroundings, program: string, args: readonly string[]): ChildProcess {
  // PG* variables are about some other server; a message that is waited for must be in English.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
  return spawn(program, args, {
    ...runAs,
    cwd: folder,
    env: { ...env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function startFailure(what: string, log: string): PgCacheWatchError {
  const lastLines = log.trimEnd().split('\n').slice(-15).join('\n');
  return new PgCacheWatchError('EMBEDDED_SERVER', `The embedded Postgres ${what}:\n${lastLines}`, {
    remedy: remedyFor(log),
  });
}

function remedyFor(log: string): string {
  if (/EACCES|Permission denied/i.test(log)) {
    return 'Set TMPDIR to a folder that every user can enter and that allows programs to run.';
  }
  if (/error while loading shared libraries/.test(log)) {
    return 'Install the library named above, or use a server of your own.';
  }
  return 'Mend what its log says, or use a server of your own.';
}
