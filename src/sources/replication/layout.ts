import type { CustomTypesConfig } from 'pg';
import type { Column, Relation } from '../../changes/relation.js';
import type { WatchedTable } from '../watched-tables.js';
import type { RelationColumn, RelationMessage } from './messages.js';

/** How to read the rows of one relation as the stream sends them now, and which table they belong to. */
export interface Layout {
  /** The watched table (for a partition, its root), with the columns in the order of this relation. */
  readonly relation: Relation;
  /**
   * For each column of a tuple, its place in the key, or -1. `null` where the key cannot be had: not all of
   * its columns are published.
   */
  readonly keyPlaces: readonly number[] | null;
  /** Whether the key before an UPDATE or DELETE is told too: whether it is part of the replica identity. */
  readonly tellsKeyBefore: boolean;
}

export function layoutOf(message: RelationMessage, table: WatchedTable, types: CustomTypesConfig): Layout {
  const columns = message.columns.map((column) => readable(column, table, types));
  const keyPlaces = message.columns.map(({ name }) => table.key.findIndex((column) => column.name === name));
  const published =
    table.key.length > 0 && keyPlaces.filter((place) => place >= 0).length === table.key.length;
  const key = table.key.map((column) => columns.find(({ name }) => name === column.name) ?? column);
  return {
    relation: { schema: table.schema, table: table.table, key, columns },
    keyPlaces: published ? keyPlaces : null,
    tellsKeyBefore: message.columns.every(({ identity }, i) => identity || keyPlaces[i] === -1),
  };
}

/**
 * How the texts of a column are read. The catalog knows what a domain is made of, which the stream does not
 * say; but the stream knows which type a column had, which the catalog may have forgotten. Of a domain that the
 * catalog has forgotten, nothing is known, and its texts are texts.
 */
function readable({ name, typeOid }: RelationColumn, table: WatchedTable, types: CustomTypesConfig): Column {
  const known = table.columns.find((column) => column.name === name);
  if (known?.declaredTypeOid === typeOid) return known;
  const parse: (text: string) => unknown = types.getTypeParser(typeOid, 'text');
  return { name, typeOid, parse };
}
