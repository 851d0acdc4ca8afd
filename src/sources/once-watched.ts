import type { Client } from 'pg';
import { sql } from '../sql.js';

/** What a source has watched in its life: of a table that is there and watched no more, nobody tells. */
export class OnceWatched {
  readonly #tables = new Map<string, { readonly oid: string; readonly name: string }>();

  /** Whether nothing has ever been watched. */
  get isEmpty(): boolean {
    return this.#tables.size === 0;
  }

  /** @param tables the quoted name of each, by its oid */
  add(tables: ReadonlyMap<string, string>): void {
    for (const [oid, name] of tables) this.#tables.set(`${oid} ${name}`, { oid, name });
  }

  /**
   * The names of those that the database has, by their oid or with another table in their place, and that are
   * not watched now. What was dropped, nobody can read.
   */
  async lost(client: Client, watched: ReadonlyMap<string, string>): Promise<string[]> {
    const changed = [...this.#tables.values()].filter(({ oid, name }) => watched.get(oid) !== name);
    if (changed.length === 0) return [];
    const { rows } = await client.query<{ name: string }>(sql('lost-tables.sql'), [
      changed.map(({ oid }) => oid),
      changed.map(({ name }) => name),
      [...watched.keys()],
    ]);
    return rows.map(({ name }) => name);
  }
}
