import { AsyncLocalStorage } from 'node:async_hooks';

/** Made by the first use: until then, nobody pays for following the asynchronous calls. */
let storage: AsyncLocalStorage<true> | undefined;

/**
 * Runs something within which, and within whatever it starts or awaits, every cached function goes to the
 * database: it neither reads from its cache nor fills it.
 *
 * For transactions: what a loader reads inside one may yet be rolled back, and what the cache holds is not
 * what the transaction sees.
 */
export function uncached<T>(work: () => T): T {
  storage ??= new AsyncLocalStorage();
  return storage.run(true, work);
}

export function isUncached(): boolean {
  return storage?.getStore() === true;
}
