import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { IdentityBefore } from './publication-comment.js';
import type { Step } from './step.js';

interface Found {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly identity: string;
  readonly published_elsewhere: boolean;
}

export interface RestoredIdentities {
  readonly tables: { readonly name: string }[];
  readonly steps: Step[];
  readonly findings: string[];
  readonly notes: string[];
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
): Promise<RestoredIdentities> {
  const restored: RestoredIdentities = { tables: [], steps: [], findings: [], notes: [] };
  if (before.length === 0) return restored;
  const { rows } = await client.query<Found>(sql('install/restorable-identities.sql'), [
    before.flatMap(({ oid }) => oid ?? []),
    leaving,
    before.flatMap(({ oid, table }) => (oid === null ? [table] : [])),
  ]);
  for (const memory of before) {
    const { oid, table, was } = memory;
    const found = rows.find((row) => (oid === null ? row.name === table : row.oid === oid));
    // Somebody has chosen another one since, and it is theirs.
    if (found !== undefined && found.identity !== 'f') continue;
    const back = `ALTER TABLE ONLY ${found?.name ?? table} REPLICA IDENTITY ${was.toUpperCase()};`;
    if (found === undefined || found.name !== table) {
      restored.notes.push(
        `${table} was given REPLICA IDENTITY FULL, and is not there under that name any more. If it is to go back: ${back}`,
      );
    } else if (found.published_elsewhere) {
      restored.notes.push(
        `${table} keeps REPLICA IDENTITY FULL, because another publication holds it. Afterwards: ${back}`,
      );
    } else {
      restored.tables.push(found);
      restored.steps.push(giveBack(found, memory));
      restored.findings.push(`${table}: has the replica identity FULL by us; back to ${was.toUpperCase()}`);
    }
  }
  return restored;
}

function giveBack({ schema, table, name }: Found, { was }: IdentityBefore): Step {
  const lock = { table: name, mode: 'ACCESS EXCLUSIVE' } as const;
  return {
    purpose: `give ${name} its replica identity back`,
    needs: `Run it as the owner of ${name}.`,
    statement: sql(`install/replica-identity-${was}.sql`, { schema, table }).trim(),
    undo: { statement: sql('install/replica-identity-full.sql', { schema, table }).trim(), lock },
    lock,
  };
}
