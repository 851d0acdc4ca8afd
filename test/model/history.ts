import { isDeepStrictEqual } from 'node:util';
import type { CacheUnderTest } from './caches.js';
import { apply, INITIAL, type ShopState, type Touched, type Write } from './shop-state.js';

/** Each transaction that committed is a version of the database; one that was rolled back is none. */
export interface Version {
  readonly n: number;
  readonly state: ShopState;
  readonly touched: readonly Touched[];
}

/** Every version that the database has had, in the order of the commits. */
export class History {
  readonly #versions: Version[] = [{ n: 0, state: INITIAL, touched: [] }];
  #next = 1;

  /** The number of a transaction that begins. */
  begin(): number {
    return this.#next++;
  }

  /** What the transaction would make of the last version. */
  draft(n: number, writes: readonly Write[]): Version {
    let { state } = this.last;
    const touched: Touched[] = [];
    for (const write of writes) {
      const after = apply(state, write, n);
      state = after.state;
      touched.push(...after.touched);
    }
    return { n, state, touched };
  }

  /** From now on it can be read. */
  add(version: Version): void {
    this.#versions.push(version);
  }

  get last(): Version {
    const last = this.#versions.at(-1);
    if (!last) throw new Error('There is always a version.');
    return last;
  }

  find(n: number): Version | undefined {
    return this.#versions.find((version) => version.n === n);
  }

  /** The first version after `n` in which the cached function gives something else. */
  supersededBy(n: number, { expected }: CacheUnderTest, arg: number | null): number | undefined {
    const then = this.find(n);
    if (!then) return undefined;
    const value = expected(then.state, arg);
    return this.#versions.find(
      (version) => version.n > n && !isDeepStrictEqual(expected(version.state, arg), value),
    )?.n;
  }

  /** Whether a version after `n` touched what the value depends on. */
  concernedSince(n: number, { concerns }: CacheUnderTest, arg: number | null): boolean {
    return this.#versions.some(
      (version) => version.n > n && version.touched.some((touched) => concerns(touched, arg)),
    );
  }
}
