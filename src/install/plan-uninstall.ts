import type { Client } from 'pg';
import { forbid, type InstallMode, installModes, requireOneOf } from './install-options.js';
import { makePlan, type Plan } from './plan.js';
import { noRemoval } from './removal.js';
import { removePublications } from './remove-publications.js';
import { removeTriggers } from './remove-triggers.js';
import { resolveTables, throwAll } from './resolve-tables.js';
import { findTrees, type TableTrees } from './table-trees.js';

export interface UninstallOptions {
  /** The tables to watch no longer, as SQL reads their names. Default: all. */
  readonly tables?: readonly string[] | undefined;
  /** What to remove. Default: `both`. */
  readonly mode?: InstallMode | undefined;
  /** The publication to take them from. Default: every one of ours. */
  readonly publication?: string | undefined;
  /** Durable slots to drop beside those whose name begins with `pgcachewatch`. */
  readonly slots?: readonly string[] | undefined;
}

/**
 * Plans what is to be run so that nothing of ours is left on the tables and, once no table is watched any
 * more, in the database. Runs nothing that changes it.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME` or `NO_SUCH_TABLE`
 */
export async function planUninstall(client: Client, options: UninstallOptions = {}): Promise<Plan> {
  const { tables = [], mode = 'both', publication, slots = [] } = options;
  requireOneOf('mode', mode, installModes);
  if (mode === 'notify') forbid({ publication, slots: slots[0] }, mode);
  const trees = tables.length === 0 ? null : await treesOf(client, tables);
  const concerned = trees === null ? null : new Set(trees.trees.flat().map(({ oid }) => oid));

  const triggers = mode === 'replication' ? noRemoval : await removeTriggers(client, concerned);
  const published =
    mode === 'notify' ? noRemoval : await removePublications(client, { concerned, publication, slots });
  const left = [...triggers.left, ...published.left];
  const steps = [...triggers.steps, ...published.steps];
  const notes = [...(trees?.notes ?? [])];
  for (const tree of trees?.trees ?? []) {
    if (!left.some(({ oid }) => tree.some((member) => member.oid === oid))) {
      notes.push(`${tree[0]?.name} is not watched.`);
    }
  }
  notes.push(...triggers.notes, ...published.notes);
  if (steps.length === 0 && !triggers.found && !published.found) {
    notes.push('There is nothing of pgcachewatch to remove.');
  }
  const names = [...new Set(left.map(({ name }) => name))].join(', ');
  const from = trees === null ? 'this database' : names;
  return makePlan(
    `pgcachewatch uninstall: from ${from}`,
    steps,
    { notes, warnings: [] },
    published.afterwards,
  );
}

async function treesOf(client: Client, names: readonly string[]): Promise<TableTrees> {
  const { tables, wrong } = await resolveTables(client, names);
  throwAll(wrong);
  return findTrees(client, tables);
}
