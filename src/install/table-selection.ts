import { PgCacheWatchError } from '../errors.js';
import { parseTableName } from '../sources/table-name.js';

/** Which tables are meant: those that are named and those in the schemas, without those that are excluded. */
export interface TableSelection {
  /** As SQL reads their names. */
  readonly tables?: readonly string[] | undefined;
  /** Where tables that are named without a schema are looked up, in this order. Default: the search path. */
  readonly schemas?: readonly string[] | undefined;
  /** Schemas, all tables of which are meant. */
  readonly allInSchemas?: readonly string[] | undefined;
  /** Which of them are left out. A name without a schema is that of a table in any schema. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * That no part of it is given that has nothing to act on.
 *
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`
 */
export function checkSelection({ tables = [], schemas = [] }: TableSelection): void {
  if (schemas.length === 0 || tables.some((name) => parseTableName(name).schema === null)) return;
  throw new PgCacheWatchError('BAD_OPTION', 'A schema is given, and no table to be looked up in it', {
    remedy: 'Name tables without their schema, or take all of its tables: --all-in-schema (allInSchemas).',
  });
}
