import type { ExistingTrigger } from '../install/existing-trigger.js';
import { defaultMaxRows } from '../install/install-options.js';
import type { TreeMember } from '../install/table-trees.js';
import type { TriggerSettings } from '../install/triggers.js';

/** What the triggers of ours on a table were installed with; `null`: it has none. */
export function installedSettings(
  { triggers }: Pick<TreeMember, 'triggers'>,
  channel?: string,
): TriggerSettings | null {
  const ours = triggers.filter((trigger) => trigger.ours);
  const [first] = ours.filter((trigger) => channel === undefined || channelOf(trigger) === channel);
  if (first === undefined) return null;
  const [level, , named = '', maxRows, fires] = argumentsOf(first);
  return {
    level: level === 'row' || level === 'key' ? level : 'table',
    // Those of an older version do not say.
    always: fires === 'always' || (fires !== 'origin' && ours.some(({ enabled }) => enabled === 'A')),
    channel: named,
    maxRows: Number(maxRows) || defaultMaxRows,
  };
}

/** The same of a tree, whose tables are installed alike. @param channel that they notify; default: any */
export function installedInTree(
  members: readonly Pick<TreeMember, 'triggers'>[],
  channel?: string,
): TriggerSettings | null {
  return members.map((member) => installedSettings(member, channel)).find((each) => each !== null) ?? null;
}

/** The key that a trigger tells rows by, as the literal of an array. */
export function toldKey(trigger: ExistingTrigger): string {
  return argumentsOf(trigger)[1] ?? '';
}

function channelOf(trigger: ExistingTrigger): string {
  return argumentsOf(trigger)[2] ?? '';
}

/** Each is ended by a zero byte. */
function argumentsOf(trigger: ExistingTrigger): string[] {
  return Buffer.from(trigger.arguments, 'hex').toString('utf8').split('\0');
}
