import type { ChangeEvent } from '../changes/change-event.js';
import { RowChange } from '../changes/row-change.js';
import { defuse } from '../defuse.js';
import { PgCacheWatchError } from '../errors.js';
import type { ChangeSource } from '../sources/change-source.js';
import type { VerifyOptions } from './cache-options.js';
import type { CachedEntries } from './cached-entries.js';
import { CallbackErrors } from './callback-errors.js';
import { type Difference, differences } from './difference.js';
import type { Entry } from './entry.js';
import { verifyChannel } from './hooks.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import type { Counters } from './statistics.js';
import type { VerifyReport } from './verify-report.js';

/** How many changes are remembered, to name the one that should have dropped a value. */
const SUSPECTS = 100;

/** Loads some of the hits again, one at a time, and reports where that gives another value without a reason. */
export class Verifier<A extends unknown[], R> {
  readonly #verify: VerifyOptions;
  readonly #load: (args: A, receiver: unknown) => Promise<R>;
  readonly #options: ResolvedCacheOptions<A, R>;
  readonly #source: ChangeSource;
  readonly #entries: CachedEntries<A, R>;
  readonly #counters: Counters;
  readonly #callbackErrors: CallbackErrors;
  readonly #heard: { readonly change: ChangeEvent; readonly at: number }[] = [];
  readonly #stop: () => void;
  #isBusy = false;

  constructor(
    verify: VerifyOptions,
    load: (args: A, receiver: unknown) => Promise<R>,
    options: ResolvedCacheOptions<A, R>,
    entries: CachedEntries<A, R>,
    counters: Counters,
  ) {
    this.#verify = verify;
    this.#load = load;
    this.#options = options;
    this.#source = options.source;
    this.#entries = entries;
    this.#counters = counters;
    this.#callbackErrors = new CallbackErrors(options);
    this.#stop = options.source.on('change', (change) => this.#hear(change));
  }

  /** There was a hit. */
  sample(entry: Entry<R>, args: A, receiver: unknown): void {
    if (this.#isBusy || Math.random() >= this.#verify.sampleRate) return;
    this.#isBusy = true;
    this.#check(entry, args, receiver).finally(() => {
      this.#isBusy = false;
    });
  }

  close(): void {
    this.#stop();
  }

  async #check(entry: Entry<R>, args: A, receiver: unknown): Promise<void> {
    let found: Difference[];
    try {
      const cached = await entry.promise;
      found = differences(cached, await this.#load(args, receiver));
      this.#counters.verified++;
      if (found.length === 0) return;
      // What the second load has seen may still be on its way to the cache.
      await this.#source.caughtUp();
    } catch (error) {
      // Without a second value, or without knowing what has happened, there is nothing to compare.
      if (error instanceof PgCacheWatchError && error.code === 'LOAD_TIMEOUT') this.#warnOf(error);
      return;
    }
    const isKept = this.#entries.store.has(entry) && !this.#entries.isExpired(entry);
    if (!isKept || this.#entries.isConcerned(entry) || this.#source.state !== 'live') return;
    this.#counters.wrong++;
    this.#report({
      key: entry.key,
      args,
      ageMs: this.#options.clock.now() - entry.startedAt,
      differences: found,
      suspects: this.#heard.filter(({ at }) => at >= entry.startedAt).map(({ change }) => change),
    });
  }

  /** No caller hears of that run. */
  #warnOf(error: PgCacheWatchError): void {
    const { name } = this.#options;
    const { remedy, code } = error;
    const message = `pgcachewatch: a hit of ${name} could not be verified: ${error.message}`;
    const { logger } = this.#source;
    if (logger !== null) logger.warn({ error, remedy, cache: name }, message);
    else process.emitWarning(`${message}. ${remedy}`, { code });
  }

  #report(report: VerifyReport): void {
    const { name } = this.#options;
    const [suspect] = report.suspects;
    const remedy = suspect
      ? `Should it depend on ${suspect.schema}.${suspect.table}? That has changed since it was loaded.`
      : 'Nothing that is watched has changed since: it depends on something else, or a caller has changed it.';
    const message = `pgcachewatch: a cached value of ${name} is not what a new load gives`;
    const { logger } = this.#source;
    if (logger !== null) logger.warn({ ...report, remedy }, message);
    else if (!this.#verify.onWrong) process.emitWarning(`${message}. ${remedy}`);
    if (verifyChannel.hasSubscribers) verifyChannel.publish({ cache: name, ...report });
    const failed = (error: unknown) =>
      this.#callbackErrors.report('verify.onWrong', error, 'It was told of a wrong value.');
    try {
      const given: unknown = this.#verify.onWrong?.(report);
      defuse(given, failed);
    } catch (error) {
      failed(error);
    }
  }

  #hear(change: ChangeEvent): void {
    const at = this.#options.clock.now();
    this.#heard.unshift({ change: change instanceof RowChange ? change.withoutImages() : change, at });
    if (this.#heard.length > SUSPECTS) this.#heard.pop();
  }
}
