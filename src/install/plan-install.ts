import type { Client } from 'pg';
import { checkInstallOptions, type InstallOptions } from './install-options.js';
import { foundationSteps, type Installation, readInstallation } from './installation.js';
import { makePlan, type Plan } from './plan.js';
import { checkPreparedTransactions } from './prepared-transactions.js';
import { resolveTables, throwAll } from './resolve-tables.js';
import { findTrees, type TreeMember } from './table-trees.js';
import { triggerSteps } from './triggers.js';
import { unwatchable } from './watchable.js';

/**
 * Plans what is to be run so that changes of the tables are announced, from what is there already: without
 * any step where nothing is missing. Runs nothing that changes the database.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`, `NO_SUCH_TABLE`, `UNWATCHABLE`,
 *   `WOULD_BREAK_WRITERS`
 */
export async function planInstall(client: Client, options: InstallOptions): Promise<Plan> {
  const settings = checkInstallOptions(options);
  const { tables, wrong } = await resolveTables(client, options.tables);
  const found = await findTrees(client, tables);
  throwAll([...wrong, ...unwatchable(found)]);
  const installation = await readInstallation(client);
  const allowed = options.allowPreparedTransactions ?? false;
  const warnings = checkPreparedTransactions(installation.max_prepared_transactions, allowed);

  const notes = [...found.notes, ...ownerNotes(installation)];
  const steps = foundationSteps(installation);
  for (const tree of found.trees) {
    const members = tree.filter(({ temporary }) => !temporary);
    // One child without a common key, and the tree has none.
    const inherits = members.some((member) => member.inherits);
    const added = members.flatMap((member) => triggerSteps({ ...member, inherits }, settings));
    steps.push(...added);
    notes.push(...treeNotes(members, added.length === 0));
    warnings.push(...subscriptionWarnings(members));
  }
  const title = `pgcachewatch install: announce the changes of ${names(found.trees)}`;
  return makePlan(title, steps, { notes, warnings });
}

function names(trees: readonly (readonly TreeMember[])[]): string {
  return trees.flatMap((tree) => tree.slice(0, 1).map(({ name }) => name)).join(', ');
}

function treeNotes(members: readonly TreeMember[], inPlace: boolean): string[] {
  const [root] = members;
  if (root === undefined) return [];
  const notes: string[] = [];
  if (inPlace) notes.push(`${root.name} is watched already, in just this way.`);
  if (root.kind === 'p' || members.length > 1) {
    notes.push(`${root.name}: after adding a partition or a child, install again.`);
  }
  if (members.some(({ inherits }) => inherits)) {
    notes.push(`${root.name} has children by inheritance: every change is one of the whole table.`);
  } else if (root.key === '{}') {
    notes.push(`${root.name} has no primary key: every change is one of the whole table.`);
  }
  return notes;
}

/** A subscription's apply worker fires row triggers only, and ours are of statements. */
function subscriptionWarnings(members: readonly TreeMember[]): string[] {
  return members
    .filter(({ subscribed }) => subscribed)
    .map(
      ({ name }) => `${name} is written to by a subscription, and those changes fire no statement trigger.`,
    );
}

/** Who owns a function that everybody's triggers call decides what runs in everybody's transactions. */
function ownerNotes({ function_exists, function_owned, function_owner }: Installation): string[] {
  if (!function_exists || function_owned) return [];
  return [`The trigger function belongs to ${function_owner}, who can change what it does.`];
}
