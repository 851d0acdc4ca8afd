import type { ChangeSource } from '../sources/change-source.js';
import type { WatchedTables } from '../sources/watched-tables.js';
import type { Dependency } from './dependencies.js';
import { dependencyList } from './dependency-list.js';
import { type Resolved, resolveDependency } from './resolve-dependencies.js';
import { WideningWarnings } from './widening-warnings.js';

/** What dependencies come to: `null` is every watched table. */
export type ResolvedList = readonly Resolved[] | null;

/** A table is not watched any more, or not watched for sure yet: its values are loaded every time until it is. */
export const LOST = Symbol('a watched table was lost');

/** The dependencies of one cache, matched with what its source watches by now. */
export class WatchedDependencies<A extends unknown[]> {
  readonly #source: ChangeSource;
  readonly #dependsOn: Iterable<Dependency> | ((...args: A) => Iterable<Dependency>) | undefined;
  readonly #warnings: WideningWarnings;
  /** Names that were watched once: to lose one is a matter of operation, not a mistake in the program. */
  readonly #onceWatched = new Set<string>();
  #fixed: { readonly watched: WatchedTables; readonly resolved: ResolvedList } | undefined;

  constructor(
    source: ChangeSource,
    dependsOn: Iterable<Dependency> | ((...args: A) => Iterable<Dependency>) | undefined,
    cache: string,
  ) {
    this.#source = source;
    this.#dependsOn = dependsOn;
    this.#warnings = new WideningWarnings(source, cache);
  }

  /** Whether it is known for every call what it depends on. */
  get isGiven(): boolean {
    return this.#dependsOn !== undefined && !(Array.isArray(this.#dependsOn) && this.#dependsOn.length === 0);
  }

  /**
   * Those of one call.
   *
   * @throws PgCacheWatchError `NOT_WATCHED` and what else may be wrong with them; `LOST`
   */
  of(args: A, receiver?: unknown): ResolvedList {
    if (typeof this.#dependsOn !== 'function') return this.fixed();
    const resolved = this.resolve(Reflect.apply(this.#dependsOn, receiver, args));
    // Of nothing, it cannot be told when it changes: it may be at any time.
    return resolved.length === 0 ? this.#everything() : resolved;
  }

  /** Those of every call, where they do not depend on the arguments; else `null`. */
  fixed(): ResolvedList {
    if (typeof this.#dependsOn === 'function') return null;
    const { watched } = this.#source;
    if (this.#fixed?.watched !== watched) {
      this.#fixed = {
        watched,
        resolved: this.isGiven && this.#dependsOn ? this.resolve(this.#dependsOn) : this.#everything(),
      };
    }
    return this.#fixed.resolved;
  }

  /**
   * Finds mistakes in those that do not depend on the arguments, before there is a call.
   *
   * @throws PgCacheWatchError `NOT_WATCHED` and what else may be wrong with them
   */
  check(): void {
    if (this.#source.state !== 'live' || !this.isGiven) return;
    try {
      this.fixed();
    } catch (error) {
      // That is not a mistake: a call loads until the table is watched.
      if (error !== LOST) throw error;
    }
  }

  /** Every watched table: what a value is made of may be one that was watched, and is not any more. */
  #everything(): null {
    const { lost, unsettled } = this.#source.watched;
    if (lost.length > 0 || unsettled.size > 0) throw LOST;
    return null;
  }

  resolve(dependencies: Iterable<Dependency>): readonly Resolved[] {
    const { watched } = this.#source;
    return dependencyList(dependencies).map((dependency) => {
      const name = typeof dependency === 'string' ? dependency : dependency.table;
      const wasWatched = this.#onceWatched.has(name) || (watched.lost.length > 0 && watched.isLost(name));
      const found = watched.find(name);
      if (found ? watched.unsettled.has(found) : wasWatched) throw LOST;
      const resolved = resolveDependency(dependency, this.#source);
      this.#onceWatched.add(name);
      if (resolved.widened.length > 0) this.#warnings.check(resolved);
      return resolved;
    });
  }
}
