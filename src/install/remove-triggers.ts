import type { Client } from 'pg';
import { sql } from '../sql.js';
import { dropTriggers, recreateTriggers, type Trigger } from './existing-trigger.js';
import { dropFunctions, type Installation, readInstallation, restoreFunctions } from './installation.js';
import type { Concerned, Removal } from './removal.js';
import type { Step } from './step.js';
import { withQualifiedNames } from './with-setting.js';

export interface WatchedTable {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly triggers: readonly Trigger[];
}

/** Every table that a trigger of ours is on. */
export async function readWatchedTables(client: Client): Promise<WatchedTable[]> {
  const { rows } = await withQualifiedNames(client, () =>
    client.query<WatchedTable>(sql('install/watched-tables.sql')),
  );
  return rows;
}

/** Plans to take the triggers off the tables and, once none is left, the function and the schema away. */
export async function removeTriggers(client: Client, concerned: Concerned): Promise<Removal> {
  const watched = await readWatchedTables(client);
  const installation = await readInstallation(client);
  const leaving = watched.filter(({ oid }) => concerned === null || concerned.has(oid));
  const steps = leaving.map(removeFrom);
  const findings = leaving.map(({ name }) => `${name}: has triggers; removed`);
  const notes: string[] = [];
  if (leaving.length === watched.length) {
    const foundation = dropFoundation(installation);
    steps.push(...foundation.steps);
    findings.push(...foundation.findings);
    notes.push(...foundation.notes);
  } else {
    const staying = watched.filter((table) => !leaving.includes(table)).map(({ name }) => name);
    notes.push(`Still watched: ${staying.join(', ')}.`);
  }
  return { steps, findings, notes, afterwards: [], left: leaving, found: watched.length > 0 };
}

function removeFrom(watched: WatchedTable): Step {
  const { name, triggers } = watched;
  return {
    purpose: `stop watching ${name}`,
    needs: `Run it as the owner of ${name}.`,
    statement: dropTriggers(
      watched,
      triggers.map((trigger) => trigger.name),
    ),
    undo: {
      statement: recreateTriggers(watched, triggers),
      lock: { table: name, mode: 'SHARE ROW EXCLUSIVE' },
    },
    lock: { table: name, mode: 'ACCESS EXCLUSIVE' },
  };
}

/** The schema and the function: only what is there, is ours, and is this role's to drop. */
function dropFoundation(installation: Installation): Pick<Removal, 'notes' | 'findings'> & { steps: Step[] } {
  const { function_exists, function_owned, function_owner, schema_exists, schema_owned } = installation;
  if (function_exists && !function_owned && !schema_owned) {
    const notes = [`The schema pgcachewatch and its functions stay: ${function_owner} may remove them.`];
    return { steps: [], findings: [], notes };
  }
  const steps: Step[] = [];
  const findings: string[] = [];
  if (function_exists) {
    steps.push({
      purpose: 'drop the trigger functions',
      needs: `Run it as ${function_owner}.`,
      statement: dropFunctions(),
      undo: { statement: restoreFunctions(installation), lock: null },
      lock: null,
    });
    findings.push('functions pgcachewatch.notify_*: no table is left that calls them; will be dropped');
  }
  if (!schema_exists) return { steps, findings, notes: [] };
  if (installation.schema_shared) {
    const notes = ['The schema pgcachewatch stays: it holds something that is not of pgcachewatch.'];
    return { steps, findings, notes };
  }
  if (!schema_owned) {
    return { steps, findings, notes: ['The schema pgcachewatch stays: it belongs to another role.'] };
  }
  steps.push({
    purpose: 'drop the schema pgcachewatch',
    needs: 'Run it as the owner of the schema.',
    statement: sql('notify/drop-schema.sql').trim(),
    undo: { statement: sql('notify/schema.sql').trim(), lock: null },
    lock: null,
  });
  findings.push('schema pgcachewatch: holds nothing else; dropped');
  return { steps, findings, notes: [] };
}
