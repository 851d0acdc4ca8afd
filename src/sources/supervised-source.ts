import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeEvent } from '../changes/change-event.js';
import type { Gap, GapReason } from '../changes/gap.js';
import { asError, PgCacheWatchError } from '../errors.js';
import { guardedLogger, type Logger } from '../logger.js';
import type { Reason } from './auto/reason.js';
import { backoffMs } from './backoff.js';
import type {
  CaughtUpOptions,
  ChangeConsumer,
  ChangeSource,
  Lag,
  SourceEvents,
  SourceMode,
  SourceState,
} from './change-source.js';
import { classifyError } from './classify-error.js';
import { Delivery } from './delivery.js';
import { Heartbeat } from './heartbeat.js';
import type { OpenSession, Session, SessionHost } from './session.js';
import { WatchedTables } from './watched-tables.js';

export interface SupervisedOptions {
  /** `null`: it is for the session to say. */
  readonly mode: SourceMode | null;
  readonly open: OpenSession;
  /** Filled in by what opens the sessions. */
  readonly reasons: { readonly current: readonly Reason[] };
  readonly silenceLimitMs: number;
  readonly maxBufferedChanges: number;
  readonly logger: Logger;
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

/**
 * The state machine around the sessions of any mode: connecting, noticing silence, reconnecting for ever,
 * and announcing a gap before it says `live` again.
 */
export class SupervisedSource implements ChangeSource {
  readonly #options: SupervisedOptions;
  readonly #logger: Logger;
  readonly #delivery: Delivery;
  readonly #closing = new AbortController();
  #mode: SourceMode | null;
  #state: SourceState = 'idle';
  #watched = WatchedTables.none;
  #session: Current | undefined;
  #starting: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  /** What was missed and not announced so far: whoever found it out may have failed right after. */
  #owed: GapReason | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #lastReported = '';
  #reporting = false;

  constructor(options: SupervisedOptions) {
    this.#mode = options.mode;
    this.#options = options;
    this.#logger = guardedLogger(options.logger);
    this.#delivery = new Delivery({
      maxBufferedChanges: options.maxBufferedChanges,
      onError: (error) => this.#report(error),
    });
  }

  get state(): SourceState {
    return this.#state;
  }

  get mode(): SourceMode | null {
    return this.#mode;
  }

  get reasons(): readonly Reason[] {
    return this.#options.reasons.current;
  }

  get watched(): WatchedTables {
    return this.#watched;
  }

  start(): Promise<void> {
    if (this.#state === 'closed') return Promise.reject(stateError('is closed', 'Make a new one.'));
    this.#starting ??= this.#begin();
    return this.#starting;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  on<E extends keyof SourceEvents>(event: E, listener: (value: SourceEvents[E]) => void): () => void {
    return this.#delivery.listeners.on(event, listener);
  }

  attach(consumer: ChangeConsumer): () => void {
    return this.#delivery.attach(consumer);
  }

  [Symbol.asyncIterator](): AsyncIterator<ChangeEvent, undefined> {
    return this.#delivery.stream(this.#state === 'closed');
  }

  async caughtUp(options: CaughtUpOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    if (this.#state === 'idle') throw stateError('is not started', 'Await source.start() first.');
    const session = this.#session?.session;
    if (this.#state === 'live' && session) {
      try {
        return await session.caughtUp(options);
      } catch (error) {
        // The caller gave up, or the server refused the question: that session still stands.
        if (options.signal?.aborted || this.#session?.session === session) throw error;
      }
    }
    // Becoming live again goes through a gap, which empties whatever was older than this call.
    await this.#live(options.signal);
  }

  async lag(): Promise<Lag | null> {
    return (await this.#session?.session.lag?.()) ?? null;
  }

  async #begin(): Promise<void> {
    this.#become('connecting');
    try {
      await this.#connect();
    } catch (error) {
      if (this.#state === 'connecting') this.#become('idle');
      this.#starting = undefined;
      throw error;
    }
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    const closing = [this.#dropSession(), this.#opening.catch(() => {})];
    this.#become('closed');
    this.#delivery.end();
    await Promise.all(closing);
  }

  /** Tries until a session stands. Throws what waiting will not mend, unless the source was live before. */
  async #connect(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#opening = this.#openSession();
        await this.#opening;
        return;
      } catch (thrown) {
        if (signal.aborted) break;
        const { error, mayMend, slow } = classifyError(thrown);
        if (!mayMend && this.#state === 'connecting') throw error;
        this.#report(error);
        this.#failures++;
        const waitMs = backoffMs(this.#failures, Math.random(), slow);
        this.#logger.info({ waitMs }, 'pgcachewatch: next attempt to connect');
        await delay(waitMs, undefined, { signal }).catch(() => {});
      }
    }
    throw stateError('was closed while it was connecting', 'Make a new one.');
  }

  async #openSession(): Promise<void> {
    const { open, silenceLimitMs } = this.#options;
    let over: { error: unknown } | undefined;
    let opened: Session | undefined;
    const isCurrent = () => opened !== undefined && this.#session?.session === opened;
    const isOpening = () => opened === undefined && over === undefined;
    const host: SessionHost = {
      heard: () => isCurrent() && this.#session?.heartbeat.heard(),
      // A session that goes on where the last one ended tells what came between while it is being opened.
      deliver: (transaction) => (isCurrent() || isOpening()) && this.#delivery.transaction(transaction),
      message: (message) => (isCurrent() || isOpening()) && this.#delivery.listeners.emit('message', message),
      missed: (reason, error) => {
        if (isCurrent()) this.#missed(reason, error);
        else if (isOpening()) this.#owed ??= reason;
      },
      rewatch: (watched, problem) => {
        if (isCurrent()) this.#rewatch(watched, problem);
        else if (isOpening()) this.#owed ??= 'unwatched';
      },
      failed: (error) => {
        over ??= { error };
        if (isCurrent()) this.#interrupt(error);
      },
      reopen: (why) => isCurrent() && this.#reopen(why),
    };
    opened = await open(host, this.#closing.signal);
    const { continuity } = opened;
    const first = this.#state === 'connecting';
    if (continuity !== 'continued' && !(first && continuity === 'reconnected')) this.#owed ??= continuity;
    if (over || this.#closing.signal.aborted) {
      await opened.close();
      throw over?.error ?? stateError('is closed', 'Make a new one.');
    }
    const session = opened;
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
    this.#session = { session, heartbeat, stop, sinceMs: performance.now() };
    this.#watched = session.watched;
    this.#mode = session.mode;
    // What was missed while there was no session is forgotten before anybody can read it again.
    if (this.#owed !== undefined) this.#announce(this.#owed, 'The connection was lost and is back.');
    this.#owed = undefined;
    this.#become('live');
  }

  #interrupt(thrown: unknown): void {
    const lastedMs = performance.now() - (this.#session?.sinceMs ?? 0);
    if (lastedMs > STABLE_MS) {
      this.#failures = 0;
      this.#lastReported = '';
    }
    this.#reopen('the connection was lost');
    this.#report(classifyError(thrown).error);
  }

  #reopen(why: string): void {
    this.#logger.info({ why }, `pgcachewatch: opening anew: ${why}`);
    void this.#dropSession();
    this.#become('interrupted');
    this.#failures++;
    const { signal } = this.#closing;
    void delay(backoffMs(this.#failures, Math.random()), undefined, { signal })
      .then(() => this.#connect())
      .catch((error: unknown) => {
        if (!signal.aborted) this.#report(classifyError(error).error);
      });
  }

  async #dropSession(): Promise<void> {
    const current = this.#session;
    this.#session = undefined;
    current?.stop();
    await current?.session.close();
  }

  #missed(reason: GapReason, error: Error): void {
    this.#announce(reason, error.message);
    this.#report(error);
  }

  #rewatch(watched: WatchedTables, problem: Error | null): void {
    this.#watched = watched;
    this.#announce('unwatched', problem?.message ?? 'What is watched has changed.');
    if (problem) this.#report(problem);
  }

  #announce(reason: GapReason, detail: string): void {
    const gap: Gap = { reason, detail, at: new Date() };
    this.#logger.warn({ gap }, 'pgcachewatch: changes may have been missed, everything cached is dropped');
    this.#delivery.gap(gap, this.#watched, this.#mode ?? 'notify');
  }

  #become(state: SourceState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#logger.info({ state, mode: this.#mode }, `pgcachewatch: ${state}`);
    this.#delivery.listeners.emit('state', state);
  }

  /** Logs always; tells the `error` listeners once for the same thing over and over. */
  #report(thrown: unknown): void {
    const error = asError(thrown);
    this.#logger.error({ err: error }, `pgcachewatch: ${error.message}`);
    // A listener to `error` that throws is reported here in its turn: only once, and only to the log.
    if (error.message === this.#lastReported || this.#reporting) return;
    this.#lastReported = error.message;
    this.#reporting = true;
    this.#delivery.listeners.emit('error', error);
    this.#reporting = false;
  }

  #live(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => settle(() => reject(signal?.reason));
      const settle = (result: () => void) => {
        off();
        signal?.removeEventListener('abort', onAbort);
        result();
      };
      const look = (state: SourceState) => {
        if (state === 'live') settle(resolve);
        if (state === 'closed' || state === 'idle')
          settle(() => reject(stateError(`is ${state}`, 'Start it.')));
      };
      const off = this.on('state', look);
      signal?.addEventListener('abort', onAbort, { once: true });
      look(this.#state);
    });
  }
}

function stateError(what: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError('STATE', `The source ${what}`, { remedy });
}

function silent(limitMs: number): PgCacheWatchError {
  return new PgCacheWatchError('SILENT', `Nothing was heard from the server for ${limitMs} ms`, {
    remedy: 'It reconnects by itself. If it recurs, look at the network, or raise silenceLimitMs.',
  });
}
