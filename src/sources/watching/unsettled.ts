import type { OpenWriters } from './open-writers.js';

/**
 * Watched tables that open transactions wrote to before they were watched, perhaps. What those have written until then
 * is never announced, so no value of such a table can be kept before they have ended.
 */
export class Unsettled {
  static readonly none = new Unsettled(new Map());

  readonly #writers: OpenWriters;

  private constructor(writers: OpenWriters) {
    this.#writers = writers;
  }

  get isEmpty(): boolean {
    return this.#writers.size === 0;
  }

  /** Of the tables, each the root of its tree. */
  get oids(): ReadonlySet<string> {
    return new Set(this.#writers.keys());
  }

  /** Of the transactions. */
  get xids(): readonly string[] {
    return [...new Set([...this.#writers.values()].flat())];
  }

  with(more: OpenWriters): Unsettled {
    const writers = new Map(this.#writers);
    for (const [oid, xids] of more) writers.set(oid, [...(writers.get(oid) ?? []), ...xids]);
    return new Unsettled(writers);
  }

  and(other: Unsettled): Unsettled {
    return this.with(other.#writers);
  }

  /** Without the transactions that have ended, and the tables that none is left of. */
  stillOpen(xids: readonly string[]): Unsettled {
    const open = new Set(xids);
    const writers = [...this.#writers].flatMap(([oid, each]): [string, readonly string[]][] => {
      const left = each.filter((xid) => open.has(xid));
      return left.length > 0 ? [[oid, left]] : [];
    });
    return new Unsettled(new Map(writers));
  }

  /** Without the tables that are not watched any more. */
  within(oids: { has(oid: string): boolean }): Unsettled {
    return new Unsettled(new Map([...this.#writers].filter(([oid]) => oids.has(oid))));
  }
}
