import type { Client } from 'pg';
import { sql } from '../../sql.js';
import { type Reading, type ReadOptions, readWatchedTables, type ToldTable } from '../read-watched-tables.js';
import type { WatchedTable } from '../watched-tables.js';
import { readPublishedSince } from '../watching/catalog-since.js';

interface PublishedTable extends ToldTable {
  /** The oids of the relations that the table consists of: itself, and its partitions. */
  readonly members: readonly string[];
  /** Their schemas and names, with a dot between, not quoted. */
  readonly memberNames: readonly string[];
}

export interface PublishedReading extends Reading {
  /** The watched table that each relation is a part of, by the relation's oid. */
  readonly byMember: ReadonlyMap<number, WatchedTable>;
  /** What each of them was called: schema, dot, name. */
  readonly memberNames: ReadonlyMap<number, string>;
}

/** Reads which tables the publication tells everything of. */
export async function readPublishedTables(
  client: Client,
  options: ReadOptions & { readonly publication: string },
): Promise<PublishedReading> {
  const { rows } = await client.query<PublishedTable>(sql('replication/published-tables.sql'), [
    options.publication,
  ]);
  const reading = await readWatchedTables(client, rows, options, (oids) =>
    readPublishedSince(client, oids, options.publication),
  );
  const byMember = new Map<number, WatchedTable>();
  const names = new Map<number, string>();
  for (const { oid, members, memberNames } of rows) {
    const table = reading.byOid.get(oid);
    if (table === undefined) continue;
    for (const [i, member] of members.entries()) {
      byMember.set(Number(member), table);
      names.set(Number(member), memberNames[i] ?? '');
    }
  }
  return {
    ...reading,
    byMember,
    memberNames: names,
    fingerprint: JSON.stringify([reading.fingerprint, [...byMember.keys()].sort()]),
  };
}
