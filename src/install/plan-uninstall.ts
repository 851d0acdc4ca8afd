import type { Client } from 'pg';
import { sql } from '../sql.js';
import { type Installation, readInstallation } from './installation.js';
import { makePlan, type Plan, type Step } from './plan.js';
import { resolveTables, throwAll } from './resolve-tables.js';
import { findTrees, type TableTrees } from './table-trees.js';

export interface UninstallOptions {
  /** The tables to watch no longer, as SQL reads their names. Default: all. */
  readonly tables?: readonly string[] | undefined;
}

interface WatchedTable {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly triggers: readonly string[];
}

/**
 * Plans what is to be run so that nothing of ours is left on the tables and, once no table is watched any
 * more, in the database. Runs nothing that changes it.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on
 * @throws PgCacheWatchError `BAD_TABLE_NAME` or `NO_SUCH_TABLE`
 */
export async function planUninstall(client: Client, options: UninstallOptions = {}): Promise<Plan> {
  const named = options.tables === undefined || options.tables.length === 0 ? null : options.tables;
  const trees = named === null ? null : await treesOf(client, named);
  const { rows: watched } = await client.query<WatchedTable>(sql('install/watched-tables.sql'));
  const installation = await readInstallation(client);

  const concerned = trees === null ? null : new Set(trees.trees.flat().map(({ oid }) => oid));
  const leaving = watched.filter(({ oid }) => concerned === null || concerned.has(oid));
  const notes = [...(trees?.notes ?? [])];
  for (const [root] of trees?.trees ?? []) {
    if (root !== undefined && !leaving.some(({ oid }) => oid === root.oid)) {
      notes.push(`${root.name} is not watched.`);
    }
  }
  const steps = leaving.map(dropTriggers);
  if (leaving.length === watched.length) {
    const foundation = dropFoundation(installation);
    steps.push(...foundation.steps);
    notes.push(...foundation.notes);
  } else {
    notes.push(
      `Still watched: ${watched
        .filter((table) => !leaving.includes(table))
        .map(({ name }) => name)
        .join(', ')}.`,
    );
  }
  if (steps.length === 0 && watched.length === 0) notes.push('There is nothing of pgcachewatch to remove.');
  const from = named === null ? 'this database' : leaving.map(({ name }) => name).join(', ');
  return makePlan(`pgcachewatch uninstall: from ${from}`, steps, { notes, warnings: [] });
}

async function treesOf(client: Client, names: readonly string[]): Promise<TableTrees> {
  const { tables, wrong } = await resolveTables(client, names);
  throwAll(wrong);
  return findTrees(client, tables);
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
