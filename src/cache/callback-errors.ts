import { asError, PgCacheWatchError } from '../errors.js';
import type { ChangeSource } from '../sources/change-source.js';

/** Says, once for each option of a cache, that what the user handed in has thrown where no caller hears of it. */
export class CallbackErrors {
  readonly #source: ChangeSource;
  readonly #cache: string;
  readonly #told = new Set<string>();

  constructor({ source, name }: { readonly source: ChangeSource; readonly name: string }) {
    this.#source = source;
    this.#cache = name;
  }

  /** @param consequence what has become of what it was called for, as a sentence */
  report(option: string, thrown: unknown, consequence: string): void {
    if (this.#told.has(option)) return;
    this.#told.add(option);
    const cause = asError(thrown);
    const message = `The ${option} of the cache ${this.#cache} has thrown: ${cause.message}. ${consequence}`;
    const error = new PgCacheWatchError('CALLBACK', message, { cause });
    const { logger } = this.#source;
    if (logger === null) process.emitWarning(message, { code: error.code });
    else logger.error({ error, cache: this.#cache }, `pgcachewatch: ${message}`);
  }
}
