import type { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import type { Step } from './plan.js';
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

/** A trigger that is on a table, under one of our names. */
export interface ExistingTrigger {
  readonly name: string;
  /** Whether it calls our function. */
  readonly ours: boolean;
  /** `pg_trigger.tgenabled`. */
  readonly enabled: string;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
  /** The arguments as the catalog has them, in hex. */
  readonly arguments: string;
  /** Whether it has no condition, no list of columns, and the transition tables' names. */
  readonly plain: boolean;
}

// The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h): none for AFTER, none for a statement.
const TYPES: Readonly<Record<string, number>> = {
  pgcachewatch_insert: 4,
  pgcachewatch_delete: 8,
  pgcachewatch_update: 16,
  pgcachewatch_truncate: 32,
};

/** The steps that give a table the triggers it should have: none where it has them. */
export function triggerSteps(member: TreeMember, settings: TriggerSettings): Step[] {
  const { schema, table, name } = member;
  // A child has columns of its own, and the root's key does not hold for it: the rows of an inheritance
  // tree have no common key. The function knows such a tree by these arguments.
  const [level, key] = member.inherits ? (['table', '{}'] as const) : [settings.level, member.key];
  const variables = { level, key, channel: settings.channel, max_rows: String(settings.maxRows) };
  if (areInPlace(member.triggers, Object.values(variables), settings.always)) return [];
  const create: Step = {
    purpose: `watch ${name}`,
    needs: `Run it as the owner of ${name}, or have the owner run: GRANT TRIGGER ON ${name} TO this role.`,
    statement: sql('notify/triggers.sql', { schema, table, ...variables }).trim(),
  };
  if (!settings.always) return [create];
  const always: Step = {
    purpose: `watch ${name} under session_replication_role = replica, too`,
    needs: `Run it as the owner of ${name}, or without the option always.`,
    statement: sql('notify/enable-always.sql', { schema, table }).trim(),
  };
  return [create, always];
}

/** An `UNWATCHABLE` for every trigger that somebody else has under one of our names. */
export function foreignTriggers({ name, triggers }: TreeMember): PgCacheWatchError[] {
  return triggers
    .filter(({ ours }) => !ours)
    .map((trigger) => cannotBeWatched(`${name} has a trigger ${trigger.name}, which is not of pgcachewatch`));
}

function areInPlace(existing: readonly ExistingTrigger[], args: readonly string[], always: boolean): boolean {
  const expected = Buffer.from(args.map((arg) => `${arg}\0`).join(''), 'utf8').toString('hex');
  return Object.entries(TYPES).every(([name, type]) =>
    existing.some(
      (trigger) =>
        trigger.name === name &&
        trigger.type === type &&
        trigger.enabled === (always ? 'A' : 'O') &&
        trigger.arguments === expected &&
        trigger.plain,
    ),
  );
}
