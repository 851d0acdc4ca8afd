import type { Operation } from './change-event.js';
import type { Relation } from './relation.js';

/** The rest of a change that stands for the whole of its table. */
export const WHOLE_TABLE = { key: null, previousKey: null, before: null, after: null } as const;

/** One text for one table. No name holds a zero byte. */
export function tableKey({ schema, table }: Pick<Relation, 'schema' | 'table'>): string {
  return `${schema}\0${table}`;
}

/**
 * One text for one operation on one table. What is told of a table as a whole is told once for each operation:
 * a predicate that minds updates alone must not miss them behind an insert.
 */
export function operationKey(table: Pick<Relation, 'schema' | 'table'>, operation: Operation): string {
  return `${tableKey(table)}\0${operation}`;
}
