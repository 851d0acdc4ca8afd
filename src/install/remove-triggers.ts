import type { Client } from 'pg';
import { sql } from '../sql.js';
import { type Installation, readInstallation } from './installation.js';
import type { Step } from './plan.js';
import type { Removal } from './removal.js';

interface WatchedTable {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly triggers: readonly string[];
}

/**
 * Plans to take the triggers off the tables and, once none is left, the function and the schema away.
 *
 * @param concerned the oids of the tables; `null`: all
 */
export async function removeTriggers(
  client: Client,
  concerned: ReadonlySet<number> | null,
): Promise<Removal> {
  const { rows: watched } = await client.query<WatchedTable>(sql('install/watched-tables.sql'));
  const installation = await readInstallation(client);
  const leaving = watched.filter(({ oid }) => concerned === null || concerned.has(oid));
  const steps = leaving.map(dropTriggers);
  const notes: string[] = [];
  if (leaving.length === watched.length) {
    const foundation = dropFoundation(installation);
    steps.push(...foundation.steps);
    notes.push(...foundation.notes);
  } else {
    const staying = watched.filter((table) => !leaving.includes(table)).map(({ name }) => name);
    notes.push(`Still watched: ${staying.join(', ')}.`);
  }
  return { steps, notes, afterwards: [], left: leaving, found: watched.length > 0 };
}

function dropTriggers({ schema, table, name, triggers }: WatchedTable): Step {
  return {
    purpose: `stop watching ${name}`,
    needs: `Run it as the owner of ${name}.`,
    statement: triggers
      .map((trigger) => sql('notify/drop-trigger.sql', { trigger, schema, table }))
      .join('')
      .trim(),
  };
}

/** The schema and the function: only what is there, is ours, and is this role's to drop. */
function dropFoundation(installation: Installation): { steps: Step[]; notes: string[] } {
  const { function_exists, function_owned, function_owner, schema_exists, schema_owned } = installation;
  if (function_exists && !function_owned && !schema_owned) {
    const notes = [`The schema and the function pgcachewatch stay: ${function_owner} may remove them.`];
    return { steps: [], notes };
  }
  const steps: Step[] = [];
  if (function_exists) {
    steps.push({
      purpose: 'drop the trigger function',
      needs: `Run it as ${function_owner}.`,
      statement: sql('notify/drop-function.sql').trim(),
    });
  }
  if (!schema_exists) return { steps, notes: [] };
  if (installation.schema_shared) {
    return {
      steps,
      notes: ['The schema pgcachewatch stays: it holds something that is not of pgcachewatch.'],
    };
  }
  if (!schema_owned) {
    return { steps, notes: ['The schema pgcachewatch stays: it belongs to another role.'] };
  }
  steps.push({
    purpose: 'drop the schema pgcachewatch',
    needs: 'Run it as the owner of the schema.',
    statement: sql('notify/drop-schema.sql').trim(),
  });
  return { steps, notes: [] };
}
