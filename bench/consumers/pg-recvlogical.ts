import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanUpOnExit } from '../../src/demo/clean-up-on-exit.js';
import { freeName } from '../harness/server.js';
import { verify, WrongResult } from '../harness/verify.js';
import { type ConsumerOptions, type Hearing, now, type Wanted } from './consumer.js';
import type { Listener } from './listener.js';

const PROGRAM = 'pg_recvlogical';
const PATIENCE_MS = 120_000;
/** The end of the last row's text, of its message, and the Commit message behind it fit in here. */
const TAIL = 128;

/** Postgres's own client, in C, writing what it gets to a file. It reads nothing of it. */
export class PgRecvlogical implements Listener {
  readonly name = PROGRAM;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'pgcachewatch-bench-'));
  readonly #file = path.join(this.#folder, 'changes');
  #process: ChildProcess | null = null;
  readonly #forget = cleanUpOnExit(() => this.#abandon());
  #slot: string[] = [];
  #armed = { first: 0, changes: 0, cpuMs: 0 };

  static get isHere(): boolean {
    return spawnSync(PROGRAM, ['--version']).status === 0;
  }

  async open({ url, from }: ConsumerOptions): Promise<void> {
    this.#slot = ['--dbname', url, '--slot', freeName('bench_recv')];
    const created = spawnSync(PROGRAM, [...this.#slot, '--create-slot', '--plugin', 'pgoutput']);
    if (created.status !== 0) throw new Error(`${PROGRAM} could not make a slot: ${created.stderr}`);
    writeFileSync(this.#file, '');
    const options = ['-o', 'proto_version=1', '-o', `publication_names=${from}`];
    const output = ['--file', this.#file, '--fsync-interval', '0', '--no-loop'];
    this.#process = spawn(PROGRAM, [...this.#slot, '--start', ...options, ...output, '--verbose'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      this.#process?.stderr?.on('data', (text) => {
        said += text;
        if (said.includes('streaming initiated')) resolve();
      });
      this.#process?.on('exit', () => reject(new Error(`${PROGRAM} ended: ${said}`)));
    });
  }

  async arm({ first, changes }: Wanted): Promise<void> {
    this.#armed = { first, changes, cpuMs: this.#cpuMs() };
  }

  async heard(): Promise<Hearing> {
    const { first, changes, cpuMs } = this.#armed;
    const deadline = Date.now() + PATIENCE_MS;
    const last = ` ${first + changes - 1}\n`;
    while (!this.#tail().includes(last)) {
      if (Date.now() > deadline) throw new WrongResult(`${PROGRAM} did not hear of everything`);
      await delay(1);
    }
    const heard = { lastAt: now(), cpuMs: this.#cpuMs() - cpuMs, at: new Float64Array() };
    // Every row's text ends with its number, and its message with a line feed.
    const rows = new Set(
      readFileSync(this.#file, 'latin1')
        .match(/(?<= )\d+(?=\n)/g)
        ?.map(Number),
    );
    let found = 0;
    for (let id = first; id < first + changes; id++) if (rows.has(id)) found++;
    verify(`rows in the file of ${PROGRAM}`, found, changes);
    return heard;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.on('exit', resolve));
    this.#process?.kill('SIGINT');
    await ended;
    this.#process = null;
    const dropped = spawnSync(PROGRAM, [...this.#slot, '--drop-slot']);
    if (dropped.status !== 0) throw new Error(`${PROGRAM} could not drop its slot: ${dropped.stderr}`);
  }

  end(): void {
    this.#abandon();
    this.#forget();
  }

  #abandon(): void {
    this.#process?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tail(): string {
    const file = openSync(this.#file, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(TAIL);
      const read = readSync(file, buffer, 0, TAIL, Math.max(0, size - TAIL));
      return buffer.toString('latin1', 0, read);
    } finally {
      closeSync(file);
    }
  }

  /** In nanoseconds, as the kernel counts them; Linux alone tells. */
  #cpuMs(): number {
    try {
      const [ns] = readFileSync(`/proc/${this.#process?.pid}/schedstat`, 'utf8').split(' ');
      return Number(ns) / 1e6;
    } catch {
      return Number.NaN;
    }
  }
}
