import { PgCacheWatchError } from '../errors.js';
import type { LoadContext } from './load-context.js';
import type { Loader, RunContext } from './loader.js';

/** A function of any parameters: what it is called with is what it was wrapped with, which `cache` sees to. */
type AnyFunction<R> = (...args: never) => R | PromiseLike<R>;

/**
 * Runs a function once a call.
 *
 * @throws PgCacheWatchError `BAD_OPTION` where it has no parameter to take the context
 */
export function singleLoader<A extends unknown[], R>(
  load: AnyFunction<R>,
  { context = false, name }: { readonly context?: boolean | undefined; readonly name: string },
): Loader<A, R, R> {
  if (context && load.length === 0) throw noPlaceForContext(name, 0);
  const run = (args: unknown[], receiver: unknown): R | PromiseLike<R> => Reflect.apply(load, receiver, args);
  return {
    run: ([args], receiver, runContext) => {
      const given: unknown[] = args ?? [];
      return run(context ? withContext(load, given, runContext, name) : given, receiver);
    },
    outcome: (result) => result,
  };
}

/** The arguments with the context in the place of the function's last parameter, however many were given. */
function withContext(
  load: AnyFunction<unknown>,
  args: readonly unknown[],
  run: RunContext,
  name: string,
): unknown[] {
  // Parameters with a default, and rest parameters, do not count in `length`, and nothing can come after them.
  if (args.length >= load.length) throw noPlaceForContext(name, args.length);
  const context: LoadContext = {
    get signal() {
      return run.signal;
    },
    dependsOn: (...dependencies) => run.dependsOn(0, dependencies),
  };
  const all = [...args];
  all[load.length - 1] = context;
  return all;
}

function noPlaceForContext(name: string, given: number): PgCacheWatchError {
  const message = `${name} has no parameter for its context after the ${given} arguments of its callers`;
  return new PgCacheWatchError('BAD_OPTION', message, {
    remedy:
      'With context: true, the last parameter takes it: async (id: number, { dependsOn }: LoadContext) => … ' +
      'Parameters with a default value cannot come before it; write (limit: number | undefined, context) instead.',
  });
}
