import type { Client } from 'pg';
import { foundationFindings, foundationSteps, type Installation, readInstallation } from './installation.js';
import type { Part } from './part.js';
import { preparedTransactions } from './prepared-transactions.js';
import type { TreeMember } from './table-trees.js';
import { triggerFinding } from './trigger-findings.js';
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
    // One child without a common key, and the tree has none.
    const inherits = tree.some((member) => member.inherits);
    const members = tree.map((member) => ({ ...member, inherits }));
    steps.push(...members.flatMap((member) => triggerSteps(member, settings)));
    findings.push(triggerFinding(members, settings));
    notes.push(...treeNotes(members));
    warnings.push(...subscriptionWarnings(members));
  }
  const errors = [...trees.flat().flatMap(foreignTriggers), ...prepared.errors];
  return { steps, findings, notes, warnings, errors };
}

function treeNotes(members: readonly TreeMember[]): string[] {
  const [root] = members;
  if (root === undefined) return [];
  return root.kind === 'p' || members.length > 1
    ? [`${root.name}: after adding a partition or a child, install again.`]
    : [];
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
