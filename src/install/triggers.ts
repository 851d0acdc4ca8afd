import type { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { dropTriggers, type ExistingTrigger, fireTrigger, recreateTriggers } from './existing-trigger.js';
import type { LockMode } from './lock.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';
import { type TriggeredTable, type WantedTrigger, wantedTriggers } from './trigger-layout.js';
import { cannotBeWatched } from './watchable.js';

/** How much a notification tells: that the table changed, which rows by their keys, or the rows themselves. */
export type PayloadLevel = 'table' | 'key' | 'row';

export interface TriggerSettings {
  readonly level: PayloadLevel;
  /** Whether they fire under `session_replication_role = replica`, too. */
  readonly always: boolean;
  readonly channel: string;
  /** A transaction that changes more rows of a table announces a change of the whole table. */
  readonly maxRows: number;
}

/** The arguments of a table's triggers, in their order. */
export interface TriggerArguments {
  readonly level: PayloadLevel;
  /** The literal of an array. */
  readonly key: string;
  readonly channel: string;
  readonly max_rows: string;
  /** As they were installed: `ALTER TABLE … ENABLE TRIGGER ALL` makes triggers that fire always ordinary ones. */
  readonly fires: 'always' | 'origin';
}

/** What the triggers of a table are to be called with. */
export function triggerArguments(
  member: Pick<TriggeredTable, 'inherits' | 'key'>,
  settings: TriggerSettings,
): TriggerArguments {
  // A child has columns of its own, and the root's key does not hold for it: the rows of an inheritance
  // tree have no common key. The function knows such a tree by these arguments.
  const [level, key] = member.inherits ? (['table', '{}'] as const) : [settings.level, member.key];
  const fires = settings.always ? 'always' : 'origin';
  return { level, key, channel: settings.channel, max_rows: String(settings.maxRows), fires };
}

/** The steps that give a table the triggers it should have: none where it has them. */
export function triggerSteps(member: TriggeredTable, settings: TriggerSettings): Step[] {
  const { schema, table, name } = member;
  const existing = member.triggers.filter(({ copy }) => !copy);
  const wanted = wantedTriggers(member, settings);
  const args = triggerArguments(member, settings);
  const copies = copySteps(member, args);
  if (areInPlace(existing, wanted, args)) return copies;
  // Some cannot be replaced (a constraint trigger never); one that was renamed, or is of an older version, would announce
  // everything a second time.
  const inTheWay = existing.filter(
    (each) =>
      !each.plain ||
      !wanted.some(({ name: wantedName, type }) => each.name === wantedName && each.type === type),
  );
  const mode: LockMode = inTheWay.length > 0 ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE';
  const creations = wanted.map((each) =>
    sql(`notify/${each.kind}-trigger.sql`, {
      schema,
      table,
      trigger: each.name,
      function: each.function,
      ...args,
    }).trim(),
  );
  const names = (triggers: readonly { readonly name: string }[]) => triggers.map((each) => each.name);
  const creation: Step = {
    purpose: `watch ${name}`,
    needs: `Run it as the owner of ${name}, or have the owner run: GRANT TRIGGER ON ${name} TO this role.`,
    statement: lines(dropTriggers(member, names(inTheWay)), ...creations),
    undo: {
      statement: lines(dropTriggers(member, names(wanted)), recreateTriggers(member, existing)),
      lock: { table: name, mode: 'ACCESS EXCLUSIVE' },
    },
    lock: { table: name, mode },
  };
  if (!settings.always) return [creation, ...copies];
  const always: Step = {
    purpose: `watch ${name} under session_replication_role = replica, too`,
    needs: `Run it as the owner of ${name}, or without the option always.`,
    statement: lines(...wanted.map((each) => fireTrigger(member, { ...each, enabled: 'A' }))),
    undo: null, // It goes with the triggers.
    lock: { table: name, mode: 'SHARE ROW EXCLUSIVE' },
  };
  return [creation, always, ...copies];
}

/** On a partition, the copy of its root's row trigger may have been disabled, or be one that fires always no more. */
function copySteps(member: TriggeredTable, { fires }: TriggerArguments): Step[] {
  const { name } = member;
  const enabled = fires === 'always' ? 'A' : 'O';
  const altered = member.triggers.filter((each) => each.ours && each.copy && each.enabled !== enabled);
  if (altered.length === 0 || !member.isPartition) return [];
  return [
    {
      purpose: `enable the triggers of ${name}`,
      needs: `Run it as the owner of ${name}.`,
      statement: lines(...altered.map((each) => fireTrigger(member, { ...each, type: 0, enabled }))),
      undo: {
        statement: lines(...altered.map((each) => fireTrigger(member, { ...each, type: 0 }))),
        lock: { table: name, mode: 'SHARE ROW EXCLUSIVE' },
      },
      lock: { table: name, mode: 'SHARE ROW EXCLUSIVE' },
    },
  ];
}

/** An `UNWATCHABLE` for every trigger that somebody else has under one of our names. */
export function foreignTriggers({ name, triggers }: TreeMember): PgCacheWatchError[] {
  return triggers
    .filter(({ ours }) => !ours)
    .map((trigger) => cannotBeWatched(`${name} has a trigger ${trigger.name}, which is not of pgcachewatch`));
}

function areInPlace(
  existing: readonly ExistingTrigger[],
  wanted: readonly WantedTrigger[],
  { level, key, channel, max_rows, fires }: TriggerArguments,
): boolean {
  const args = [level, key, channel, max_rows, fires];
  const expected = Buffer.from(args.map((arg) => `${arg}\0`).join(''), 'utf8').toString('hex');
  return (
    existing.length === wanted.length &&
    existing.every((trigger) => {
      const want = wanted.find(({ name }) => name === trigger.name);
      return (
        want !== undefined &&
        trigger.type === want.type &&
        trigger.function === want.function &&
        trigger.enabled === (fires === 'always' ? 'A' : 'O') &&
        trigger.arguments === expected &&
        trigger.plain
      );
    })
  );
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
