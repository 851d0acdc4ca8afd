import type { Client } from 'pg';
import { foundationSteps, type Installation, readInstallation } from './installation.js';
import type { Part } from './part.js';
import { preparedTransactions } from './prepared-transactions.js';
import type { TreeMember } from './table-trees.js';
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
  const notes = ownerNotes(installation);
  const warnings = [...prepared.warnings];
  for (const members of trees) {
    // One child without a common key, and the tree has none.
    const inherits = members.some((member) => member.inherits);
    const added = members.flatMap((member) => triggerSteps({ ...member, inherits }, settings));
    steps.push(...added);
    notes.push(...treeNotes(members, added.length === 0));
    warnings.push(...subscriptionWarnings(members));
  }
  return { steps, notes, warnings, errors: [...trees.flat().flatMap(foreignTriggers), ...prepared.errors] };
}

function treeNotes(members: readonly TreeMember[], inPlace: boolean): string[] {
  const [root] = members;
  if (root === undefined) return [];
  const notes: string[] = [];
  if (inPlace) notes.push(`${root.name} is watched already, in just this way.`);
  if (root.kind === 'p' || members.length > 1) {
    notes.push(`${root.name}: after adding a partition or a child, install again.`);
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
