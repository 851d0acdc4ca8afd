import type { Client } from 'pg';
import { sql } from '../sql.js';
import { KINDS } from './watchable.js';

interface Relation {
  readonly oid: number;
  /** Qualified, and quoted where SQL needs it. */
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  /** Quoted where SQL needs it; `null`: of none. */
  readonly extension: string | null;
}

export interface SchemaTables {
  /** Their oids. */
  readonly tables: ReadonlySet<number>;
  /** What holds rows, too, and is not among them. */
  readonly notes: readonly string[];
}

/**
 * The tables of schemas, ordinary and partitioned ones.
 *
 * @param ofExtensions whether with those that an extension brought along
 */
export async function tablesInSchemas(
  client: Client,
  schemas: readonly string[],
  { ofExtensions }: { readonly ofExtensions: boolean },
): Promise<SchemaTables> {
  const tables = new Set<number>();
  const notes: string[] = [];
  for (const schema of schemas) {
    const { rows } = await client.query<Relation>(sql('install/tables-in-schema.sql'), [schema]);
    for (const { oid, name, kind, extension } of rows) {
      const isTable = kind === 'r' || kind === 'p';
      if (isTable && (ofExtensions || extension === null)) tables.add(oid);
      else if (isTable) notes.push(skipped(name, `part of the extension ${extension}; name it to have it`));
      else notes.push(skipped(name, KINDS[kind] ?? 'no table'));
    }
  }
  return { tables, notes };
}

/** What is said of a table that was not named itself, and cannot be had. */
export function skipped(name: string, why: string): string {
  return `Skipped ${name}: ${why}.`;
}
