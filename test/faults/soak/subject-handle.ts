import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SourceState } from '../../../src/index.js';
import type { SubjectEvent } from '../checker/record.js';
import type { Subject } from '../subject.js';
import type { Measures, Order, Reply } from './messages.js';
import type { SoakMode } from './modes.js';

export interface SubjectOptions {
  readonly mode: SoakMode;
  /** What its source connects to. */
  readonly sourceUrl: string;
  /** What its loads connect to. */
  readonly databaseUrl: string;
  readonly seed: number;
}

const NOTICED_WITHIN_MS = 300;

interface Waiting {
  readonly resolve: (result: Measures | null) => void;
  readonly reject: (error: Error) => void;
}

/** The process under test, as seen from the one that tests it. */
export class SubjectHandle implements Subject {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #name: string;
  #events: SubjectEvent[] = [];
  #state: SourceState = 'idle';
  #lastId = 0;
  #errors = '';

  constructor({ mode, sourceUrl, databaseUrl, seed }: SubjectOptions) {
    const program = fileURLToPath(new URL('subject-process.js', import.meta.url));
    this.#name = mode;
    this.#child = fork(program, [mode, sourceUrl, databaseUrl, String(seed)], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4_000);
    });
    this.#child.on('message', (reply: Reply) => this.#onReply(reply));
    this.#child.once('exit', (status, signal) => {
      const error = new Error(
        `The process under test (${mode}) has ended: ${status ?? signal} ${this.#errors}`,
      );
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when its source is live, or when the time is over. */
  async untilLive(withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    // It tells of its state now and then; and what was done to it a moment ago, it may not have noticed.
    await delay(NOTICED_WITHIN_MS);
    while (this.#state !== 'live' && Date.now() < deadline && !this.hasEnded) await delay(20);
  }

  /** What was recorded since the last time. */
  takeEvents(): readonly SubjectEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  async ask(order: Order, withinMs = 90_000): Promise<Measures | null> {
    if (this.hasEnded) throw new Error(`The process under test (${this.#name}) has ended: ${this.#errors}`);
    const id = ++this.#lastId;
    const answered = new Promise<Measures | null>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#child.send({ ...order, id });
    const late = setTimeout(() => {
      this.#waiting
        .get(id)
        ?.reject(new Error(`${this.#name}: "${order.do}" did not end within ${withinMs} ms`));
    }, withinMs);
    return answered.finally(() => {
      clearTimeout(late);
      this.#waiting.delete(id);
    });
  }

  async block(forMs: number): Promise<void> {
    await this.ask({ do: 'block', ms: forMs });
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async stepClock(byMs: number): Promise<void> {
    await this.ask({ do: 'step-clock', ms: byMs });
  }

  /** Resolves to whether it has gone by itself: no timer, socket or listener was left to keep it. */
  async end(withinMs: number): Promise<boolean> {
    if (this.hasEnded) return true;
    const gone = once(this.#child, 'exit');
    await this.ask({ do: 'end' }).catch(() => {});
    const isGone = await Promise.race([gone.then(() => true), delay(withinMs, false)]);
    this.kill();
    return isGone;
  }

  kill(): void {
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGKILL');
  }

  #onReply(reply: Reply): void {
    if ('events' in reply) {
      for (const event of reply.events) {
        this.#events.push(event);
        if (event.is === 'state') this.#state = event.state;
      }
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    if ('error' in reply) waiting?.reject(new Error(`${this.#name}: ${reply.error}`));
    else waiting?.resolve(reply.result);
  }
}
