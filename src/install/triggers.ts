import type { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { dropTriggers, type ExistingTrigger, recreateTriggers } from './existing-trigger.js';
import { NOTIFY_CHANGE, NOTIFY_TABLE_CHANGE } from './installation.js';
import type { LockMode } from './lock.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';
import { cannotBeWatched } from './watchable.js';

/** How much a notification tells: that the table changed, which rows by their keys, or the rows themselves. */
export type PayloadLevel = 'table' | 'key' | 'row';

export interface TriggerSettings {
  readonly level: PayloadLevel;
  /** Whether they fire under `session_replication_role = replica`, too. */
  readonly always: boolean;
  readonly channel: string;
  /** A statement that changes more rows is announced as a change of the whole table. */
  readonly maxRows: number;
}

/** The arguments of a table's triggers. */
export interface TriggerArguments {
  readonly level: PayloadLevel;
  /** The literal of an array. */
  readonly key: string;
  readonly channel: string;
  readonly max_rows: string;
}

const TRUNCATE = 'pgcachewatch_truncate';

// The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h): none for AFTER, none for a statement.
const TYPES: Readonly<Record<string, number>> = {
  pgcachewatch_insert: 4,
  pgcachewatch_delete: 8,
  pgcachewatch_update: 16,
  [TRUNCATE]: 32,
};
const NAMES = Object.keys(TYPES);

/** What the triggers of a table are to be called with. */
export function triggerArguments(member: TreeMember, settings: TriggerSettings): TriggerArguments {
  // A child has columns of its own, and the root's key does not hold for it: the rows of an inheritance
  // tree have no common key. The function knows such a tree by these arguments.
  const [level, key] = member.inherits ? (['table', '{}'] as const) : [settings.level, member.key];
  return { level, key, channel: settings.channel, max_rows: String(settings.maxRows) };
}

/**
 * What they call, but for TRUNCATE. Whether a table is part of an inheritance tree is looked up where these arguments
 * are, by the function of all; that for tables of level table does not look.
 */
function functionOf({ level, key }: TriggerArguments): string {
  return level === 'table' && key !== '{}' ? NOTIFY_TABLE_CHANGE : NOTIFY_CHANGE;
}

/** The steps that give a table the triggers it should have: none where it has them. */
export function triggerSteps(member: TreeMember, settings: TriggerSettings): Step[] {
  const { schema, table, name, triggers } = member;
  const variables = triggerArguments(member, settings);
  if (areInPlace(triggers, variables, settings.always)) return [];
  // One of another kind cannot be replaced in every case (a constraint trigger never); one that was renamed
  // would tell all a second time.
  const inTheWay = triggers.filter((each) => each.type !== TYPES[each.name]);
  const mode: LockMode = inTheWay.length > 0 ? 'ACCESS EXCLUSIVE' : 'SHARE ROW EXCLUSIVE';
  const drop = dropTriggers(
    member,
    inTheWay.map((each) => each.name),
  );
  const create = sql('notify/triggers.sql', {
    ...{ schema, table, function: functionOf(variables) },
    ...variables,
  }).trim();
  const undo = [dropTriggers(member, NAMES), recreateTriggers(member, triggers)];
  const creation: Step = {
    purpose: `watch ${name}`,
    needs: `Run it as the owner of ${name}, or have the owner run: GRANT TRIGGER ON ${name} TO this role.`,
    statement: lines(drop, create),
    undo: { statement: lines(...undo), lock: { table: name, mode: 'ACCESS EXCLUSIVE' } },
    lock: { table: name, mode },
  };
  if (!settings.always) return [creation];
  const always: Step = {
    purpose: `watch ${name} under session_replication_role = replica, too`,
    needs: `Run it as the owner of ${name}, or without the option always.`,
    statement: sql('notify/enable-always.sql', { schema, table }).trim(),
    undo: null, // It goes with the triggers.
    lock: { table: name, mode: 'SHARE ROW EXCLUSIVE' },
  };
  return [creation, always];
}

/** An `UNWATCHABLE` for every trigger that somebody else has under one of our names. */
export function foreignTriggers({ name, triggers }: TreeMember): PgCacheWatchError[] {
  return triggers
    .filter(({ ours }) => !ours)
    .map((trigger) => cannotBeWatched(`${name} has a trigger ${trigger.name}, which is not of pgcachewatch`));
}

function areInPlace(
  existing: readonly ExistingTrigger[],
  variables: TriggerArguments,
  always: boolean,
): boolean {
  const { level, key, channel, max_rows } = variables;
  const args = [level, key, channel, max_rows];
  const expected = Buffer.from(args.map((arg) => `${arg}\0`).join(''), 'utf8').toString('hex');
  return (
    existing.length === NAMES.length &&
    existing.every(
      (trigger) =>
        trigger.type === TYPES[trigger.name] &&
        trigger.enabled === (always ? 'A' : 'O') &&
        trigger.arguments === expected &&
        trigger.function === (trigger.name === TRUNCATE ? NOTIFY_CHANGE : functionOf(variables)) &&
        trigger.plain,
    )
  );
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
