import { AsyncResource } from 'node:async_hooks';
import type { ChangeEvent } from '../changes/change-event.js';
import type { Gap, GapReason } from '../changes/gap.js';
import { guardedLogger, type Logger, silentLogger } from '../logger.js';
import type { Reason } from './auto/reason.js';
import type {
  CaughtUpOptions,
  ChangeConsumer,
  ChangeSource,
  Lag,
  SourceEvents,
  SourceMode,
  SourceState,
  StartOptions,
} from './change-source.js';
import type { ChangeStatistics } from './change-statistics.js';
import { Delivery } from './delivery.js';
import { ErrorReporter } from './error-reporter.js';
import { LogLimiter } from './log-limiter.js';
import type { OpenSession, Session } from './session.js';
import { Starting } from './starting.js';
import { type Attempt, Supervisor } from './supervisor.js';
import { stateError, untilLive } from './until-live.js';
import { WaitingWarning } from './waiting-warning.js';
import { WatchedTables } from './watched-tables.js';

/** What listeners do is none of what the caller of `start` is doing: not within its `uncached()`, for one. */
const outside = new AsyncResource('pgcachewatch');

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

/** A source of any mode: its states, and whoever listens. A gap is announced before it says `live` again. */
export class SupervisedSource implements ChangeSource {
  readonly #options: SupervisedOptions;
  readonly #logger: Logger;
  readonly #delivery: Delivery;
  readonly #supervisor: Supervisor;
  readonly #starting: Starting;
  readonly #waitingWarning: WaitingWarning;
  readonly #gapLines = new LogLimiter();
  #mode: SourceMode | null;
  #state: SourceState = 'idle';
  #watched = WatchedTables.none;
  #closed: Promise<void> | undefined;

  constructor(options: SupervisedOptions) {
    this.#mode = options.mode;
    this.#options = options;
    this.#logger = guardedLogger(options.logger);
    const errors = new ErrorReporter(this.#logger, (error) => this.#delivery.listeners.emit('error', error));
    this.#delivery = new Delivery({
      maxBufferedChanges: options.maxBufferedChanges,
      onError: (error) => errors.report(error),
    });
    this.#supervisor = new Supervisor({
      ...options,
      logger: this.#logger,
      errors,
      delivery: this.#delivery,
      onLive: (session, missed) => this.#onLive(session, missed),
      onInterrupted: () => {
        this.#delivery.counters.interruptions++;
        this.#become('interrupted');
      },
      onMissed: (reason, detail) => this.#announce(reason, detail),
      onRewatch: (watched) => {
        this.#watched = watched;
      },
    });
    this.#starting = new Starting({
      connect: (attempt) => outside.runInAsyncScope(() => this.#connect(attempt)),
      failed: () => this.#become('idle'),
      obstacle: () => this.#supervisor.obstacle,
      finalError: () => this.#supervisor.finalError,
    });
    this.#waitingWarning = new WaitingWarning({
      isHeard: () => this.logger !== null || this.#delivery.listeners.has('error'),
      obstacle: () => this.#supervisor.obstacle,
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

  get logger(): Logger | null {
    return this.#options.logger === silentLogger ? null : this.#logger;
  }

  get statistics(): ChangeStatistics {
    return this.#delivery.counters.snapshot(this.#supervisor.session?.held);
  }

  get watched(): WatchedTables {
    return this.#watched;
  }

  start(options: StartOptions = {}): Promise<void> {
    if (this.#state === 'closed') return Promise.reject(stateError('is closed', 'Make a new one.'));
    return this.#starting.start(options);
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
    const { session } = this.#supervisor;
    if (this.#state === 'live' && session) {
      try {
        return await session.caughtUp(options);
      } catch (error) {
        // The caller gave up, or the server refused the question: that session still stands.
        if (options.signal?.aborted || this.#supervisor.session === session) throw error;
      }
    }
    // What was committed before this call has been applied, or a gap has emptied whatever is older, by the
    // time the source is live again.
    await untilLive(this, options.signal);
  }

  async lag(): Promise<Lag | null> {
    return (await this.#supervisor.session?.lag?.()) ?? null;
  }

  async #connect(attempt: Attempt): Promise<void> {
    this.#become('connecting');
    await this.#supervisor.connect(attempt);
    if (this.#closed) throw stateError('was closed while it was connecting', 'Make a new one.');
  }

  async #end(): Promise<void> {
    const closing = this.#supervisor.close();
    this.#become('closed');
    this.#delivery.end();
    await closing;
  }

  #onLive(session: Session, missed: GapReason | undefined): void {
    this.#watched = session.watched;
    this.#mode = session.mode;
    this.#starting.live();
    // What was missed while there was no session is forgotten before anybody can read it again.
    if (missed !== undefined) this.#announce(missed, 'The connection was lost and is back.');
    this.#become('live');
  }

  #announce(reason: GapReason, detail: string): void {
    const gap: Gap = { reason, detail, at: new Date() };
    const skipped = this.#gapLines.take(reason);
    if (skipped !== null) {
      const line = 'pgcachewatch: changes may have been missed, everything cached is dropped';
      this.#logger.warn({ gap, ...(skipped > 0 && { skipped }) }, line);
    }
    this.#delivery.gap(gap, this.#watched, this.#mode ?? 'notify');
  }

  #become(state: SourceState): void {
    // Whoever was just told of something may have closed it: that is for good.
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#waitingWarning.follow(state);
    this.#logger.info({ state, mode: this.#mode }, `pgcachewatch: ${state}`);
    this.#delivery.listeners.emit('state', state);
  }
}
