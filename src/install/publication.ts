import type { Client } from 'pg';
import { sql } from '../sql.js';
import { isOurs, MARK } from './publication-comment.js';
import { withQualifiedNames } from './with-setting.js';

/** A table that a publication names. */
export interface PublicationEntry {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** Qualified, and quoted where SQL needs it. */
  readonly name: string;
  /** Whether it has a row filter. */
  readonly filtered: boolean;
  /** `null`: all of them. */
  readonly columns: readonly string[] | null;
}

/** A table's row filters in a publication, by its oid. */
export type RowFilters = ReadonlyMap<number, string>;

/** A publication that is there. */
export interface Publication {
  readonly name: string;
  /** Quoted where SQL needs it. */
  readonly quoted: string;
  /** Whether its comment says that it is of pgcachewatch. */
  readonly ours: boolean;
  readonly all_tables: boolean;
  /** Whether it tells every kind of change, under the name of the partition. */
  readonly tells_all: boolean;
  /** The kinds of changes that it tells, as `WITH (publish = …)` takes them. */
  readonly publish: string;
  readonly via_root: boolean;
  /** `pg_publication.pubgencols`; `null` before PostgreSQL 18. */
  readonly generated: string | null;
  readonly comment: string | null;
  /** Whether this role may alter it. */
  readonly owned: boolean;
  /** Quoted where SQL needs it. */
  readonly owner: string;
  readonly entries: readonly PublicationEntry[];
}

/** What a publication depends on beside the tables. */
export interface PublicationServer {
  readonly version: number;
  readonly wal_level: string;
  /** Quoted where SQL needs it. */
  readonly role: string;
  readonly database: string;
}

type Row = Omit<Publication, 'ours'>;

/** The publication of that name, whoever made it. */
export async function readPublication(client: Client, name: string): Promise<Publication | null> {
  const [publication] = await read(client, name);
  return publication ?? null;
}

/** Every publication of ours in the database. */
export function readOwnPublications(client: Client): Promise<Publication[]> {
  return read(client, null);
}

async function read(client: Client, name: string | null): Promise<Publication[]> {
  const { rows } = await client.query<Row>(sql('install/publications.sql'), [name, MARK]);
  return rows.map((row) => ({ ...row, ours: isOurs(row.comment) }));
}

export async function readPublicationServer(client: Client): Promise<PublicationServer> {
  const { rows } = await client.query<PublicationServer>(sql('install/publication-server.sql'));
  const [server] = rows;
  if (server === undefined) throw new TypeError('install/publication-server.sql gives exactly one row');
  return server;
}

export interface PublishedSchema {
  readonly schema: string;
  /** Where SQL needs it. */
  readonly quoted: string;
}

/** The schemas that it publishes as a whole. */
export async function readPublishedSchemas(
  client: Client,
  { name }: Publication,
  { version }: PublicationServer,
): Promise<PublishedSchema[]> {
  if (version < 150_000) return [];
  const { rows } = await client.query<PublishedSchema>(sql('install/published-schemas.sql'), [name]);
  return rows;
}

/** What an entry has to be given again where it is put back. */
export async function readRowFilters(client: Client, { name, entries }: Publication): Promise<RowFilters> {
  // Only PostgreSQL 15 and later can have any.
  if (!entries.some(({ filtered }) => filtered)) return new Map();
  const { rows } = await withQualifiedNames(client, () =>
    client.query<{ oid: number; filter: string }>(sql('install/row-filters.sql'), [name]),
  );
  return new Map(rows.map(({ oid, filter }) => [oid, filter]));
}
