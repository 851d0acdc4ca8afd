import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { checkInstallOptions, type InstallOptions, type InstallSettings } from './install-options.js';
import { nothing } from './part.js';
import { makePlan, type Plan } from './plan.js';
import { planPublication } from './plan-publication.js';
import { planTriggers } from './plan-triggers.js';
import { readableNotifications } from './readable-notifications.js';
import { throwAll } from './resolve-tables.js';
import { selectTrees } from './select-trees.js';
import { skipUnwatchable } from './skip-trees.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';
import { checkOwners, readUntrustedOwners, untrustedOwner } from './untrusted-owners.js';
import { unwatchable } from './watchable.js';
import { withLockTimeout } from './with-lock-timeout.js';

/**
 * Plans what is to be run so that changes of the tables are announced, from what is there already: without
 * any step where nothing is missing. Runs nothing that changes the database.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on, and for
 *   this plan alone until it is made: some settings are others meanwhile
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`, `NO_SUCH_TABLE`, `NO_SUCH_SCHEMA`, `UNWATCHABLE`,
 *   `WOULD_BREAK_WRITERS`, `UNTRUSTED_OWNER`, `PUBLICATION_FOREIGN`, `LOCKED`
 */
export async function planInstall(client: Client, options: InstallOptions): Promise<Plan> {
  const settings = checkInstallOptions(options);
  return withLockTimeout(client, settings.lockTimeoutMs, () => look(client, options, settings));
}

async function look(client: Client, options: InstallOptions, settings: InstallSettings): Promise<Plan> {
  const selected = await selectTrees(client, options, null);
  throwAll([...selected.wrong, ...unwatchable(selected.named)]);
  const inSchemas = await skipUnwatchable(client, selected.inSchemas, settings);
  const trees = [...selected.named.trees, ...inSchemas.trees].map((tree) =>
    tree.filter(({ temporary }) => !temporary),
  );
  const skips = [...selected.notes, ...inSchemas.notes];
  if (trees.length === 0) throw nothingLeft(skips);

  const triggers = settings.triggers
    ? await planTriggers(client, trees, settings.triggers, settings.allowPreparedTransactions)
    : nothing;
  const publication = settings.publication
    ? await planPublication(client, trees, settings.publication)
    : nothing;
  const owner = settings.triggers === null ? null : untrustedOwner(await readUntrustedOwners(client));
  throwAll([...(owner === null ? [] : [owner]), ...triggers.errors, ...publication.errors]);

  const readable =
    settings.triggers === null || triggers.steps.length === 0
      ? []
      : readableNotifications(trees, settings.triggers);
  const title = `pgcachewatch install: announce the changes of ${names(trees)}`;
  return makePlan(
    title,
    [...withOwnersChecked(triggers.steps), ...publication.steps],
    {
      findings: [...triggers.findings, ...publication.findings],
      notes: [...skips, ...triggers.notes, ...publication.notes, ...readable, ...trees.flatMap(keyNotes)],
      warnings: [...triggers.warnings, ...publication.warnings],
    },
    settings.lockTimeoutMs,
  );
}

/** Where the schema or the functions are made: they may be there by the time, and another role's. */
function withOwnersChecked(steps: readonly Step[]): Step[] {
  const first = steps.findIndex(({ lock }) => lock !== null);
  const founding = first === -1 ? steps.length : first;
  return founding === 0 ? [...steps] : [...steps.slice(0, founding), checkOwners(), ...steps.slice(founding)];
}

function nothingLeft(notes: readonly string[]): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', ['No table is left to be watched.', ...notes].join(' '), {
    remedy: 'Name tables, or schemas that have some.',
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
