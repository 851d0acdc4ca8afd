import type { Client } from 'pg';
import { checkInstallOptions, type InstallOptions } from './install-options.js';
import { nothing } from './part.js';
import { makePlan, type Plan } from './plan.js';
import { planPublication } from './plan-publication.js';
import { planTriggers } from './plan-triggers.js';
import { resolveTables, throwAll } from './resolve-tables.js';
import { findTrees, type TreeMember } from './table-trees.js';
import { unwatchable } from './watchable.js';

/**
 * Plans what is to be run so that changes of the tables are announced, from what is there already: without
 * any step where nothing is missing. Runs nothing that changes the database.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`, `NO_SUCH_TABLE`, `UNWATCHABLE`,
 *   `WOULD_BREAK_WRITERS`, `PUBLICATION_FOREIGN`
 */
export async function planInstall(client: Client, options: InstallOptions): Promise<Plan> {
  const settings = checkInstallOptions(options);
  const { tables, wrong } = await resolveTables(client, options.tables);
  const found = await findTrees(client, tables);
  throwAll([...wrong, ...unwatchable(found)]);
  const trees = found.trees.map((tree) => tree.filter(({ temporary }) => !temporary));

  const triggers = settings.triggers
    ? await planTriggers(client, trees, settings.triggers, settings.allowPreparedTransactions)
    : nothing;
  const publication = settings.publication
    ? await planPublication(client, trees, settings.publication)
    : nothing;
  throwAll([...triggers.errors, ...publication.errors]);

  const title = `pgcachewatch install: announce the changes of ${names(trees)}`;
  return makePlan(title, [...triggers.steps, ...publication.steps], {
    notes: [...found.notes, ...triggers.notes, ...publication.notes, ...trees.flatMap(keyNotes)],
    warnings: [...triggers.warnings, ...publication.warnings],
  });
}

function names(trees: readonly (readonly TreeMember[])[]): string {
  return trees.flatMap((tree) => tree.slice(0, 1).map(({ name }) => name)).join(', ');
}

function keyNotes(members: readonly TreeMember[]): string[] {
  const [root] = members;
  if (root === undefined) return [];
  if (members.some(({ inherits }) => inherits)) {
    return [`${root.name} has children by inheritance: every change is one of the whole table.`];
  }
  return root.key === '{}'
    ? [`${root.name} has no primary key: every change is one of the whole table.`]
    : [];
}
