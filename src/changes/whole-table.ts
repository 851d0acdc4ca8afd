import type { Relation } from './relation.js';

/** The rest of a change that stands for the whole of its table. */
export const WHOLE_TABLE = { key: null, previousKey: null, before: null, after: null } as const;

/** One text for one table. No name holds a zero byte. */
export function tableKey({ schema, table }: Pick<Relation, 'schema' | 'table'>): string {
  return `${schema}\0${table}`;
}
