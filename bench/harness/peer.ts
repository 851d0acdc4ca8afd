import type { BenchContext } from './bench.js';
import type { Missing } from './comparison.js';

/**
 * Loads a module of `bench/peers`, the only ones that import what is installed by bench/package.json. They are
 * not seen by the compiler from here, so that everything else is checked without them.
 *
 * @param T what the module exports; `bench/peers` is checked to do so
 */
export async function loadPeer<T>(
  { withoutPeers }: Pick<BenchContext, 'withoutPeers'>,
  name: string,
  file: string,
): Promise<T | Missing> {
  if (withoutPeers) return { name, missing: 'left out (--without-peers)' };
  try {
    return await import(new URL(`../peers/${file}.js`, import.meta.url).href);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      return { name, missing: 'not installed: npm ci --prefix bench' };
    }
    throw error;
  }
}

export function isMissing(peer: object): peer is Missing {
  return 'missing' in peer;
}
