import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { Step } from './plan.js';
import type { IdentityBefore } from './publication-comment.js';

interface Found {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly identity: string;
  readonly published_elsewhere: boolean;
}

/**
 * Plans to put back the replica identities that were set to FULL by us. What is in doubt is left alone, and
 * said: a table of another name (or of the same name and not the same) and one that somebody else publishes,
 * whose UPDATEs and DELETEs would fail.
 */
export async function restoreIdentities(
  client: Client,
  before: readonly IdentityBefore[],
  leaving: readonly string[],
): Promise<{ readonly steps: Step[]; readonly notes: string[] }> {
  const steps: Step[] = [];
  const notes: string[] = [];
  if (before.length === 0) return { steps, notes };
  const { rows } = await client.query<Found>(sql('install/restorable-identities.sql'), [
    before.map(({ oid }) => oid),
    leaving,
  ]);
  for (const { oid, table, was } of before) {
    const found = rows.find((row) => row.oid === oid);
    // Somebody has chosen another one since, and it is theirs.
    if (found !== undefined && found.identity !== 'f') continue;
    const back = `ALTER TABLE ONLY ${found?.name ?? table} REPLICA IDENTITY ${was.toUpperCase()};`;
    if (found === undefined || found.name !== table) {
      notes.push(
        `${table} was given REPLICA IDENTITY FULL, and is not there under that name any more. If it is to go back: ${back}`,
      );
    } else if (found.published_elsewhere) {
      notes.push(
        `${table} keeps REPLICA IDENTITY FULL, because another publication holds it. Afterwards: ${back}`,
      );
    } else {
      steps.push({
        purpose: `give ${table} its replica identity back`,
        needs: `Run it as the owner of ${table}.`,
        statement: sql(`install/replica-identity-${was}.sql`, {
          schema: found.schema,
          table: found.table,
        }).trim(),
      });
    }
  }
  return { steps, notes };
}
