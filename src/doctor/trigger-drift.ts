import type { TreeMember } from '../install/table-trees.js';
import { isOrdinaryNow } from '../install/trigger-findings.js';
import { OLDER_FUNCTIONS } from '../install/trigger-functions.js';
import { triggeredTables, wantedTriggers } from '../install/trigger-layout.js';
import { type TriggerSettings, triggerSteps } from '../install/triggers.js';
import type { Remedy } from './finding.js';
import { toldKey } from './installed-triggers.js';
import { bySql } from './remedy.js';

/** How the triggers of a table differ from what would be installed now. */
export interface TriggerDrift {
  readonly member: TreeMember;
  /**
   * - `older`: of an older version, and in working order.
   * - `ordinary`: installed to fire always, and made ordinary ones since.
   * - `key`: they tell rows by what is not the key any more.
   */
  readonly what: 'missing' | 'disabled' | 'ordinary' | 'older' | 'key' | 'different';
  /** Their names. */
  readonly triggers: readonly string[];
  /** The key that they tell rows by, as the literal of an array. */
  readonly key: string;
}

const FIRES: ReadonlySet<string> = new Set(['O', 'A']);

/** None, where installing again with the same settings would find nothing to do. */
export function triggerDrifts(members: readonly TreeMember[], settings: TriggerSettings): TriggerDrift[] {
  return triggeredTables(members).flatMap((member): TriggerDrift[] => {
    if (triggerSteps(member, settings).length === 0) return [];
    const ours = member.triggers.filter((trigger) => trigger.ours);
    const names = (triggers: readonly { readonly name: string }[]) => triggers.map(({ name }) => name);
    const disabled = ours.filter(({ enabled }) => !FIRES.has(enabled));
    if (disabled.length > 0) return [{ member, what: 'disabled', triggers: names(disabled), key: '{}' }];
    const older = ours.filter((trigger) => OLDER_FUNCTIONS.includes(trigger.function ?? ''));
    if (older.length > 0) return [{ member, what: 'older', triggers: names(older), key: '{}' }];
    const missing = wantedTriggers(member, settings).filter(
      ({ name }) => !ours.some((trigger) => trigger.name === name),
    );
    if (missing.length > 0) return [{ member, what: 'missing', triggers: names(missing), key: '{}' }];
    const ordinary = ours.filter(isOrdinaryNow);
    if (ordinary.length > 0) return [{ member, what: 'ordinary', triggers: names(ordinary), key: '{}' }];
    const others = ours.filter((trigger) => toldKey(trigger) !== member.key);
    const [first] = others;
    if (!member.inherits && settings.level !== 'table' && first !== undefined)
      return [{ member, what: 'key', triggers: names(others), key: toldKey(first) }];
    return [{ member, what: 'different', triggers: names(ours), key: '{}' }];
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
