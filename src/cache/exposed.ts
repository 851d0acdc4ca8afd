import type { CachedCalls } from './cached-calls.js';
import type { CachedFunction } from './cached-function.js';
import { checkCallOptions } from './call-options.js';

/** The public face of cached calls. `receiver`: the object that the function is a method of. */
export function exposed<A extends unknown[], R, T>(
  calls: CachedCalls<A, R, T>,
  name: string,
  receiver?: unknown,
): CachedFunction<A, R> {
  const cached = Object.assign((...args: A): Promise<R> => calls.call(args, receiver), {
    fresh: (...args: A) => calls.callWith(args, receiver, { fresh: true }),
    with: (options: Parameters<CachedFunction<A, R>['with']>[0]) => {
      const checked = checkCallOptions(options);
      return (...args: A) => calls.callWith(args, receiver, checked);
    },
    peek: (...args: A) => calls.peek(args, receiver),
    invalidate: (...args: A) => calls.invalidate(args, receiver),
    clear: () => calls.clear(),
    close: () => calls.close(),
    explain: (...args: A) => calls.explain(args, receiver),
    statistics: calls.statistics,
  });
  Object.defineProperty(cached, 'statistics', { get: () => calls.statistics });
  Object.defineProperty(cached, 'name', { value: name, configurable: true });
  return cached;
}
