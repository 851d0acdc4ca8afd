import type { Relation } from '../../changes/relation.js';
import { tableKey } from '../../changes/whole-table.js';

/** How many are remembered: anyone may notify, of tables that there are not. */
const MOST = 1000;

/**
 * Tables that were told of and are not watched. If one was installed since the catalog was last looked at, it may be
 * wanted; if not, it is one of others who share the channel, and is not looked for again.
 */
export class ForeignTables {
  readonly #look: () => Promise<void>;
  readonly #known = new Set<string>();
  #mustLook = false;
  #looking: Promise<void> | null = null;

  /** @param look looks at the catalog; must not reject */
  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** @param oid as far as it is known */
  noticed(table: Pick<Relation, 'schema' | 'table'>, oid: number | null): void {
    const key = `${oid} ${tableKey(table)}`;
    if (this.#known.has(key)) return;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.add(key);
    this.#mustLook = true;
    this.#looking ??= this.#lookOn();
  }

  /** Resolves when the catalog has been read that is to show what was noticed so far. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  /** What is watched is not what it was. */
  forget(): void {
    this.#known.clear();
  }

  /** One look at a time, and one more for all that was noticed meanwhile. */
  async #lookOn(): Promise<void> {
    while (this.#mustLook) {
      this.#mustLook = false;
      await this.#look();
    }
    this.#looking = null;
  }
}
