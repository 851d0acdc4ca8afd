import type { Column, Relation } from '../../changes/relation.js';
import type { WatchedTable } from '../watched-tables.js';
import type { RelationMessage } from './messages.js';

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

export function layoutOf(message: RelationMessage, table: WatchedTable): Layout {
  const columns = message.columns.map(({ name, typeOid }): Column => {
    const known = table.columns.find((column) => column.name === name);
    return known ?? { name, typeOid, parse: (text) => text };
  });
  const keyPlaces = message.columns.map(({ name }) => table.key.findIndex((column) => column.name === name));
  const published =
    table.key.length > 0 && keyPlaces.filter((place) => place >= 0).length === table.key.length;
  const { schema, table: name, key } = table;
  return {
    relation: { schema, table: name, key, columns },
    keyPlaces: published ? keyPlaces : null,
    tellsKeyBefore: message.columns.every(({ identity }, i) => identity || keyPlaces[i] === -1),
  };
}
