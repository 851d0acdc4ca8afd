import { distance } from 'fastest-levenshtein';
import type { Client } from 'pg';
import { readLookupSchemas } from '../sources/connection/lookup-schemas.js';
import { parseTableName } from '../sources/table-name.js';
import { sql } from '../sql.js';

const MOST = 3;

export interface Candidate {
  /** As it has to be written. */
  readonly written: string;
  readonly schema: string;
  readonly table: string;
}

/** The tables whose names are like the one given, the most alike first, as SQL needs them written. */
export async function nearNames(client: Client, given: string): Promise<string[]> {
  const { rows } = await client.query<Candidate>(sql('install/table-names.sql'), [
    await readLookupSchemas(client),
  ]);
  return nearest(given, rows);
}

/** Case does not count: that a name needed quotes is the commonest mistake of all. */
export function nearest(given: string, candidates: readonly Candidate[]): string[] {
  const { schema, table } = parseTableName(given);
  const wanted = table.toLowerCase();
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate) => ({
      written: candidate.written,
      inTable: distance(wanted, candidate.table.toLowerCase()),
      inCase: distance(table, candidate.table),
      // The wrong schema is forgiven: a right table in it is what was meant.
      inSchema: schema === null ? 0 : distance(schema.toLowerCase(), candidate.schema.toLowerCase()),
    }))
    .filter(({ inTable }) => inTable <= tolerance && inTable < wanted.length)
    .sort((a, b) => a.inTable - b.inTable || a.inSchema - b.inSchema || a.inCase - b.inCase)
    .slice(0, MOST)
    .map(({ written }) => written);
}

/** The remedy for a name that is wrong. */
export function didYouMean(near: readonly string[], otherwise: string): string {
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : otherwise;
}
