import type { Client } from 'pg';
import { checkLockTimeout, forbid, type InstallMode, installModes, requireOneOf } from './install-options.js';
import { makePlan, type Plan } from './plan.js';
import { readOwnPublications } from './publication.js';
import { type Concerned, noRemoval } from './removal.js';
import { removePublications } from './remove-publications.js';
import { readWatchedTables, removeTriggers } from './remove-triggers.js';
import { throwAll } from './resolve-tables.js';
import { type SelectedTrees, selectTrees } from './select-trees.js';
import type { TableSelection } from './table-selection.js';
import { withLockTimeout } from './with-lock-timeout.js';

/** The tables to watch no longer; default: all. */
export interface UninstallOptions extends TableSelection {
  /** What to remove. Default: `both`. */
  readonly mode?: InstallMode | undefined;
  /** The publication to take them from. Default: every one of ours. */
  readonly publication?: string | undefined;
  /** Durable slots to drop beside those whose name begins with `pgcachewatch`. */
  readonly slots?: readonly string[] | undefined;
  /** How long locks are waited for, all of them together. Default: 2000. */
  readonly lockTimeoutMs?: number | undefined;
}

/**
 * Plans what is to be run so that nothing of ours is left on the tables and, once no table is watched any
 * more, in the database. Runs nothing that changes it.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on, and for
 *   this plan alone until it is made: some settings are others meanwhile
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`, `NO_SUCH_TABLE`, `NO_SUCH_SCHEMA` or `LOCKED`
 */
export async function planUninstall(client: Client, options: UninstallOptions = {}): Promise<Plan> {
  const { mode = 'both', publication, slots = [] } = options;
  requireOneOf('mode', mode, installModes);
  if (mode === 'notify') forbid({ publication, slots: slots[0] }, mode);
  const lockTimeoutMs = checkLockTimeout(options.lockTimeoutMs);
  return withLockTimeout(client, lockTimeoutMs, () => look(client, options, lockTimeoutMs));
}

async function look(client: Client, options: UninstallOptions, lockTimeoutMs: number): Promise<Plan> {
  const { mode = 'both', publication, slots = [] } = options;
  const selected = await select(client, options);
  const concerned = concernedBy(selected);

  const triggers = mode === 'replication' ? noRemoval : await removeTriggers(client, concerned);
  const published =
    mode === 'notify' ? noRemoval : await removePublications(client, { concerned, publication, slots });
  const left = [...triggers.left, ...published.left];
  const steps = [...triggers.steps, ...published.steps];
  const notes = [...(selected?.notes ?? [])];
  for (const tree of selected?.named.trees ?? []) {
    if (!left.some(({ oid }) => tree.some((member) => member.oid === oid))) {
      notes.push(`${tree[0]?.name} is not watched.`);
    }
  }
  notes.push(...triggers.notes, ...published.notes);
  if (steps.length === 0 && !triggers.found && !published.found) {
    notes.push('There is nothing of pgcachewatch to remove.');
  }
  const names = [...new Set(left.map(({ name }) => name))].join(', ');
  const from = selected === null ? 'this database' : names || 'none of these tables';
  const findings = [...triggers.findings, ...published.findings];
  const remarks = { findings, notes, warnings: [] };
  return makePlan(
    `pgcachewatch uninstall: from ${from}`,
    steps,
    remarks,
    lockTimeoutMs,
    published.afterwards,
  );
}

/** `null`: all that there is. */
async function select(client: Client, options: UninstallOptions): Promise<SelectedTrees | null> {
  const { tables = [], schemas = [], allInSchemas = [], exclude = [] } = options;
  if ([...tables, ...schemas, ...allInSchemas, ...exclude].length === 0) return null;
  const publications = await readOwnPublications(client);
  const watched = [
    ...(await readWatchedTables(client)),
    ...publications.flatMap(({ entries }) => entries),
  ].map(({ oid }) => oid);
  const selected = await selectTrees(client, options, watched);
  throwAll(selected.wrong);
  return selected;
}

function concernedBy(selected: SelectedTrees | null): Concerned {
  if (selected === null) return null;
  const members = [...selected.named.trees, ...selected.inSchemas.trees].flat();
  return new Set(members.map(({ oid }) => oid));
}
