import type { TreeMember } from '../install/table-trees.js';
import { type TriggerSettings, triggerSteps } from '../install/triggers.js';
import type { Remedy } from './finding.js';
import { toldKey } from './installed-triggers.js';
import { bySql } from './remedy.js';

/** How the triggers of a table differ from what would be installed now. */
export interface TriggerDrift {
  readonly member: TreeMember;
  /** `key`: they tell rows by what is not the key any more. */
  readonly what: 'missing' | 'disabled' | 'key' | 'different';
  /** Their names. */
  readonly triggers: readonly string[];
  /** The key that they tell rows by, as the literal of an array. */
  readonly key: string;
}

const NAMES = ['insert', 'update', 'delete', 'truncate'].map((operation) => `pgcachewatch_${operation}`);
const FIRES: ReadonlySet<string> = new Set(['O', 'A']);

/** None, where installing again with the same settings would find nothing to do. */
export function triggerDrifts(members: readonly TreeMember[], settings: TriggerSettings): TriggerDrift[] {
  // One child without a common key, and the tree has none: as install has it.
  const inherits = members.some((member) => member.inherits);
  return members.flatMap((member) => {
    if (triggerSteps({ ...member, inherits }, settings).length === 0) return [];
    const ours = member.triggers.filter((trigger) => trigger.ours);
    const drift = (what: TriggerDrift['what'], triggers: readonly string[], key = '{}') => [
      { member, what, triggers, key },
    ];
    const missing = NAMES.filter((name) => !ours.some((trigger) => trigger.name === name));
    if (missing.length > 0) return drift('missing', missing);
    const disabled = ours.filter(({ enabled }) => !FIRES.has(enabled));
    if (disabled.length > 0)
      return drift(
        'disabled',
        disabled.map(({ name }) => name),
      );
    const others = ours.filter((trigger) => toldKey(trigger) !== member.key);
    const [first] = others;
    if (!inherits && settings.level !== 'table' && first !== undefined)
      return drift(
        'key',
        others.map(({ name }) => name),
        toldKey(first),
      );
    return drift(
      'different',
      ours.map(({ name }) => name),
    );
  });
}

/** @param always whether they are to fire under `session_replication_role = replica`, too */
export function enableTriggers(drifts: readonly TriggerDrift[], always: boolean): Remedy {
  const enable = always ? 'ENABLE ALWAYS TRIGGER' : 'ENABLE TRIGGER';
  return bySql(
    drifts.map(({ member, triggers }) => {
      const actions = triggers.map((trigger) => `${enable} ${trigger}`).join(', ');
      return `ALTER TABLE ONLY ${member.name} ${actions};`;
    }),
    'as the owner of the table',
  );
}
