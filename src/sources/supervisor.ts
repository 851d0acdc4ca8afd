import { setTimeout as delay } from 'node:timers/promises';
import type { GapReason } from '../changes/gap.js';
import { PgCacheWatchError } from '../errors.js';
import type { Logger } from '../logger.js';
import { backoffMs } from './backoff.js';
import { type Classified, classifyError } from './classify-error.js';
import type { Delivery } from './delivery.js';
import type { ErrorReporter } from './error-reporter.js';
import { Heartbeat } from './heartbeat.js';
import type { OpenSession, Session, SessionHost } from './session.js';
import { stateError } from './until-live.js';
import type { WatchedTables } from './watched-tables.js';

export interface SupervisorOptions {
  readonly open: OpenSession;
  readonly silenceLimitMs: number;
  readonly logger: Logger;
  readonly errors: ErrorReporter;
  readonly delivery: Delivery;
  /** A session stands. Why something may have been missed before it, or `undefined`. */
  readonly onLive: (session: Session, missed: GapReason | undefined) => void;
  /** The session that stood does not any more. */
  readonly onInterrupted: () => void;
  readonly onMissed: (reason: GapReason, detail: string) => void;
  readonly onRewatch: (watched: WatchedTables) => void;
}

/** Who waits for the first session, and may give up. */
export interface Attempt {
  /** Ends the attempt: everything that it has opened is closed by the time `connect` has rejected. */
  readonly signal: AbortSignal;
  /** An error that waiting will not mend: whether to try again all the same. */
  onFinal(error: PgCacheWatchError): boolean;
}

/** The session that stands, and what watches over it. */
interface Current {
  readonly session: Session;
  readonly heartbeat: Heartbeat;
  readonly stop: () => void;
  readonly sinceMs: number;
}

/** A session that lasted this long was a success: the next failure is a first one. */
const STABLE_MS = 10_000;

/** Has one session after the other opened: waits after a failure, and notices when a session falls silent. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #closing = new AbortController();
  #current: Current | undefined;
  /** What was missed and not announced so far: whoever found it out may have failed right after. */
  #owed: GapReason | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  /** Why the last attempt failed, or the last session ended; `null`: not known, or live. */
  #failure: Classified | null = null;
  /** What the session that is being opened waits for. */
  #waitingFor: PgCacheWatchError | null = null;
  #everLive = false;
  #failures = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get session(): Session | undefined {
    return this.#current?.session;
  }

  /** What keeps a session from standing, as far as it is known. */
  get obstacle(): PgCacheWatchError {
    return this.#waitingFor ?? this.#failure?.error ?? noAnswer();
  }

  /** The error of the last attempt, if it is one that waiting will not mend. */
  get finalError(): PgCacheWatchError | null {
    return this.#failure?.mayMend === false ? this.#failure.error : null;
  }

  /**
   * Tries until a session stands. Throws what waiting will not mend, unless one has stood before.
   *
   * @param attempt of those who wait for the first session
   */
  async connect(attempt?: Attempt): Promise<void> {
    const { errors, logger } = this.#options;
    const closing = this.#closing.signal;
    const signal = attempt ? AbortSignal.any([closing, attempt.signal]) : closing;
    if (attempt) this.#failure = null;
    while (!signal.aborted) {
      try {
        this.#opening = this.#open(signal);
        await this.#opening;
        return;
      } catch (thrown) {
        if (signal.aborted) break;
        this.#failure = classifyError(thrown);
        const { error, mayMend, slow } = this.#failure;
        if (!mayMend && !this.#everLive && !attempt?.onFinal(error)) throw error;
        errors.report(error);
        this.#failures++;
        const waitMs = backoffMs(this.#failures, Math.random(), slow);
        logger.info({ waitMs }, 'pgcachewatch: next attempt to connect');
        await delay(waitMs, undefined, { signal }).catch(() => {});
      }
    }
    throw stateError('was closed while it was connecting', 'Make a new one.');
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#drop(), this.#opening.catch(() => {})]);
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { open, onLive } = this.#options;
    const opening: Opening = { opened: undefined, over: undefined };
    const host = this.#host(opening);
    this.#waitingFor = null;
    const session = await open(host, signal);
    opening.opened = session;
    const { continuity } = session;
    if (continuity !== 'continued' && (this.#everLive || continuity !== 'reconnected'))
      this.#owed ??= continuity;
    if (opening.over || signal.aborted) {
      await session.close();
      throw opening.over?.error ?? stateError('is closed', 'Make a new one.');
    }
    this.#current = { session, sinceMs: performance.now(), ...this.#watchOver(session, host) };
    this.#everLive = true;
    this.#failure = null;
    this.#waitingFor = null;
    const missed = this.#owed;
    this.#owed = undefined;
    onLive(session, missed);
    if (session.problem) this.#options.errors.report(session.problem);
  }

  #host(opening: Opening): SessionHost {
    const { delivery, errors, onMissed, onRewatch } = this.#options;
    const isCurrent = () => opening.opened !== undefined && this.#current?.session === opening.opened;
    const isOpening = () => opening.opened === undefined && opening.over === undefined;
    return {
      heard: () => isCurrent() && this.#current?.heartbeat.heard(),
      // A session that goes on where the last one ended tells what came between while it is being opened.
      deliver: (transaction) => (isCurrent() || isOpening()) && delivery.transaction(transaction),
      message: (message) => (isCurrent() || isOpening()) && delivery.listeners.emit('message', message),
      missed: (reason, error) => {
        if (isOpening()) this.#owed ??= reason;
        if (!isCurrent()) return;
        onMissed(reason, error.message);
        errors.report(error);
      },
      rewatch: (watched, problem) => {
        if (isOpening()) this.#owed ??= 'unwatched';
        if (!isCurrent()) return;
        onRewatch(watched);
        onMissed('unwatched', problem?.message ?? 'What is watched has changed.');
        if (problem) errors.report(problem);
      },
      waiting: (reason) => {
        if (isOpening()) this.#waitingFor = reason;
      },
      failed: (error) => {
        opening.over ??= { error };
        if (isCurrent()) this.#interrupt(error);
      },
      reopen: (why) => isCurrent() && this.#reopen(why),
    };
  }

  #watchOver(session: Session, host: SessionHost): { heartbeat: Heartbeat; stop: () => void } {
    const { silenceLimitMs } = this.#options;
    const heartbeat = new Heartbeat({
      silenceLimitMs,
      probe: () => session.probe(),
      onSilent: () => this.#interrupt(silent(silenceLimitMs)),
    });
    const watching = setInterval(() => {
      session.checkWatched().catch((error: unknown) => host.failed(error));
    }, silenceLimitMs);
    const stop = () => {
      heartbeat.stop();
      clearInterval(watching);
    };
    return { heartbeat, stop };
  }

  #interrupt(thrown: unknown): void {
    const { errors } = this.#options;
    if (performance.now() - (this.#current?.sinceMs ?? 0) > STABLE_MS) {
      this.#failures = 0;
      errors.forget();
    }
    this.#failure = classifyError(thrown);
    this.#reopen('the connection was lost');
    errors.report(this.#failure.error);
  }

  #reopen(why: string): void {
    const { errors, logger, onInterrupted } = this.#options;
    logger.info({ why }, `pgcachewatch: opening anew: ${why}`);
    void this.#drop();
    onInterrupted();
    this.#failures++;
    const { signal } = this.#closing;
    void delay(backoffMs(this.#failures, Math.random()), undefined, { signal })
      .then(() => this.connect())
      .catch((error: unknown) => {
        if (!signal.aborted) errors.report(error);
      });
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    current?.stop();
    await current?.session.close();
  }
}

/** A session on its way: there when it is opened, over when it has failed, however early. */
interface Opening {
  opened: Session | undefined;
  over: { readonly error: unknown } | undefined;
}

function silent(limitMs: number): PgCacheWatchError {
  return new PgCacheWatchError('SILENT', `Nothing was heard from the server for ${limitMs} ms`, {
    remedy: 'It reconnects by itself. If it recurs, look at the network, or raise silenceLimitMs.',
  });
}

function noAnswer(): PgCacheWatchError {
  return new PgCacheWatchError('SILENT', 'The server has not answered so far', {
    remedy: 'Check the address and the port, and that what listens there is Postgres and not stopped.',
  });
}
