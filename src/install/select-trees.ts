import type { Client } from 'pg';
import type { PgCacheWatchError } from '../errors.js';
import { excludeTables } from './exclude-tables.js';
import { resolveSchemas } from './resolve-schemas.js';
import { resolveTables } from './resolve-tables.js';
import { checkSelection, type TableSelection } from './table-selection.js';
import { findTrees, partNotes, type TableTrees } from './table-trees.js';
import { tablesInSchemas } from './tables-in-schemas.js';

export interface SelectedTrees {
  /** Those of the tables that were named. */
  readonly named: TableTrees;
  /** The others, of which nobody named a table. */
  readonly inSchemas: TableTrees;
  readonly notes: readonly string[];
  /** One for each name that is wrong. */
  readonly wrong: readonly PgCacheWatchError[];
}

/**
 * Finds the tables that are meant, and the whole trees that they are in.
 *
 * @param watched to remove from: the oids of the tables that are meant where none is named and no schema. Then
 *   nothing in a schema is passed over. `null`: to add to
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`, `NO_SUCH_SCHEMA`
 */
export async function selectTrees(
  client: Client,
  selection: TableSelection,
  watched: readonly number[] | null,
): Promise<SelectedTrees> {
  checkSelection(selection);
  const { tables = [], schemas = [], allInSchemas = [], exclude = [] } = selection;
  const given = await resolveTables(client, tables, await resolveSchemas(client, schemas));
  const among = await tablesInSchemas(client, await resolveSchemas(client, allInSchemas), {
    ofExtensions: watched !== null,
  });
  const none = tables.length === 0 && allInSchemas.length === 0;
  const all = await findTrees(client, [...given.tables, ...among.tables, ...(none ? (watched ?? []) : [])]);
  // Where a name is wrong, what is excluded may be only by that.
  const { found, wrong } = given.wrong.length > 0 ? { found: all, wrong: [] } : excludeTables(all, exclude);
  const roots = new Set(found.named.filter(({ oid }) => given.tables.has(oid)).map(({ root }) => root));
  return {
    named: only(found, (root) => roots.has(root)),
    inSchemas: only(found, (root) => !roots.has(root)),
    notes: [...partNotes(found), ...(watched === null ? among.notes : [])],
    wrong: [...given.wrong, ...wrong],
  };
}

function only({ named, trees }: TableTrees, wanted: (root: number) => boolean): TableTrees {
  return {
    named: named.filter(({ root }) => wanted(root)),
    trees: trees.filter(([root]) => root !== undefined && wanted(root.oid)),
  };
}
