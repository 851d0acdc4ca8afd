import type { ChangeEvent, ChangeSource } from '../../src/index.js';
import type { Value } from './caches.js';
import type { History } from './history.js';
import type { Load, Loads } from './loads.js';
import type { Place } from './world.js';

interface Kept {
  readonly promise: Promise<Value>;
  readonly value: Value;
  readonly load: Load | undefined;
  readonly gaps: number;
}

/** What stands in the caches from one look to the next: it gets newer, and goes only for a reason. */
export class KeptValues {
  readonly #source: ChangeSource;
  readonly #history: History;
  readonly #loads: Loads;
  readonly #settled = new WeakMap<Promise<Value>, Value | null>();
  readonly #kept = new Map<Place, Kept>();
  /** What the predicates have seen of the caches while one transaction is applied. */
  #seen: { readonly xid: number | null; readonly promises: readonly unknown[] } | null = null;
  gaps = 0;

  constructor(source: ChangeSource, history: History, loads: Loads) {
    this.#source = source;
    this.#history = history;
    this.#loads = loads;
  }

  /** The program itself has dropped it. */
  dropped(place: Place): void {
    this.#kept.delete(place);
  }

  /** What is wrong with it, and what stands there now. */
  look(place: Place): { readonly value: Value | undefined; readonly wrong: string[] } {
    const promise = this.#source.state === 'live' ? place.cached.peek(place.arg) : undefined;
    const value = promise && this.#valueOf(promise);
    const wrong: string[] = [];
    const before = this.#kept.get(place);
    if (before && this.#source.state === 'live' && promise !== before.promise) {
      this.#kept.delete(place);
      if (!this.#mayBeGone(place, before)) {
        wrong.push(`version ${before.value.version} of ${place.label} was dropped without a reason`);
      }
      if (value && value.version < before.value.version) {
        wrong.push(`${place.label} went back from version ${before.value.version} to ${value.version}`);
      }
    }
    if (promise && value) {
      this.#kept.set(place, { promise, value, load: this.#loads.of(value), gaps: this.gaps });
    }
    return { value: value ?? undefined, wrong };
  }

  /** Called from within a predicate: nobody may see that a transaction is half applied. */
  duringTransaction(change: ChangeEvent, places: readonly Place[]): string[] {
    const promises = places.map(({ cached, arg }) => cached.peek(arg));
    const { xid } = change.transaction;
    if (this.#seen === null || this.#seen.xid !== xid) this.#seen = { xid, promises };
    const before = this.#seen.promises;
    return places
      .filter((_, i) => promises[i] !== before[i])
      .map(({ label }) => `${label} was seen dropped while a transaction was half applied`);
  }

  transactionApplied(): void {
    this.#seen = null;
  }

  #valueOf(promise: Promise<Value>): Value | null {
    if (!this.#settled.has(promise)) {
      this.#settled.set(promise, null);
      promise.then(
        (value) => this.#settled.set(promise, value),
        () => {},
      );
    }
    return this.#settled.get(promise) ?? null;
  }

  #mayBeGone({ kind, arg }: Place, { load, gaps }: Kept): boolean {
    if (gaps !== this.gaps || load === undefined) return true;
    return this.#history.concernedSince(load.told, kind, arg);
  }
}
