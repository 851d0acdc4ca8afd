import type { Client } from 'pg';
import {
  dropOlderFunctions,
  foundationFindings,
  foundationSteps,
  type Installation,
  readInstallation,
} from './installation.js';
import type { Part } from './part.js';
import { preparedTransactions } from './prepared-transactions.js';
import { readWatchedTables } from './remove-triggers.js';
import type { TreeMember } from './table-trees.js';
import { triggerFinding } from './trigger-findings.js';
import { OLDER_FUNCTIONS } from './trigger-functions.js';
import { type TriggeredTable, triggeredTables } from './trigger-layout.js';
import { foreignTriggers, type TriggerSettings, triggerSteps } from './triggers.js';

/** Plans the triggers that announce the changes of the trees, and the function that they call. */
export async function planTriggers(
  client: Client,
  trees: readonly (readonly TreeMember[])[],
  settings: TriggerSettings,
  allowPreparedTransactions: boolean,
): Promise<Part> {
  const installation = await readInstallation(client);
  const prepared = preparedTransactions(installation.max_prepared_transactions, allowPreparedTransactions);
  const steps = foundationSteps(installation);
  const findings = foundationFindings(installation);
  const notes = ownerNotes(installation);
  const warnings = [...prepared.warnings];
  for (const tree of trees) {
    const members = triggeredTables(tree);
    steps.push(...members.flatMap((member) => triggerSteps(member, settings)));
    findings.push(triggerFinding(members, settings));
    notes.push(...treeNotes(members));
    warnings.push(...subscriptionWarnings(members, settings));
  }
  const others = await othersOnOlderFunctions(client, trees);
  if (others.length === 0 && installation.function_owned) steps.push(...dropOlderFunctions(installation));
  if (others.length > 0) {
    notes.push(
      `Still with triggers of an older version, which go on working: ${others.join(', ')}. Install them again, too.`,
    );
  }
  const errors = [...trees.flat().flatMap(foreignTriggers), ...prepared.errors];
  return { steps, findings, notes, warnings, errors };
}

/** The tables, other than those of the trees, whose triggers call a function of an older version. */
async function othersOnOlderFunctions(
  client: Client,
  trees: readonly (readonly TreeMember[])[],
): Promise<string[]> {
  const replaced = new Set(trees.flat().map(({ oid }) => oid));
  const watched = await readWatchedTables(client);
  return watched
    .filter(({ oid, triggers }) => !replaced.has(oid) && triggers.some(callsOlderFunction))
    .map(({ name }) => name);
}

function callsOlderFunction(trigger: { readonly function: string | null }): boolean {
  return OLDER_FUNCTIONS.includes(trigger.function ?? '');
}

function treeNotes(members: readonly TriggeredTable[]): string[] {
  const [root] = members;
  if (root === undefined) return [];
  if (root.kind === 'p') {
    return [
      `${root.name}: partitions that are added later are watched with it. Only TRUNCATE of such a partition by its own ` +
        'name is noticed late, by the next catalog check, until you install again.',
    ];
  }
  return members.length > 1 ? [`${root.name}: after adding a child, install again.`] : [];
}

/** A subscription's apply worker fires row triggers only, and of those the ones that fire always. */
function subscriptionWarnings(members: readonly TriggeredTable[], { always }: TriggerSettings): string[] {
  return members
    .filter(({ subscribed, inherits }) => subscribed && (inherits || !always))
    .map(({ name, inherits }) =>
      inherits
        ? `${name} is written to by a subscription, and those changes fire no statement trigger.`
        : `${name} is written to by a subscription, whose changes fire only triggers that fire always: add --always.`,
    );
}

/** Who owns a function that everybody's triggers call decides what runs in everybody's transactions. */
function ownerNotes({ function_exists, function_owned, function_owner }: Installation): string[] {
  if (!function_exists || function_owned) return [];
  return [`The trigger functions belong to ${function_owner}, who can change what they do.`];
}
