import { sql } from '../sql.js';

/** A trigger that is on a table. */
export interface Trigger {
  readonly name: string;
  /** `pg_trigger.tgenabled`. */
  readonly enabled: string;
  /** `CREATE TRIGGER …`, without a semicolon. */
  readonly definition: string;
}

/** A trigger that is ours, or has a name of ours. */
export interface ExistingTrigger extends Trigger {
  /** Whether it calls a function of ours. */
  readonly ours: boolean;
  /** Its name, of those in our schema. */
  readonly function: string | null;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
  /** The arguments as the catalog has them, in hex. */
  readonly arguments: string;
  /** Whether it has no condition, no list of columns, and the transition tables' names. */
  readonly plain: boolean;
}

export interface OnTable {
  readonly schema: string;
  readonly table: string;
}

/** The SQL that removes the triggers of these names, those that are there. */
export function dropTriggers({ schema, table }: OnTable, names: readonly string[]): string {
  return names
    .map((trigger) => sql('notify/drop-trigger.sql', { trigger, schema, table }))
    .join('')
    .trim();
}

/** The SQL that makes the triggers anew that were there. */
export function recreateTriggers(on: OnTable, triggers: readonly Trigger[]): string {
  return triggers.flatMap((trigger) => [`${trigger.definition};`, ...firing(on, trigger)]).join('\n');
}

/** When it fires, where that is not `O`, the default (`pg_trigger.tgenabled`). */
function firing({ schema, table }: OnTable, { name, enabled }: Trigger): string[] {
  const files: Readonly<Record<string, string>> = { A: 'always', R: 'replica', D: 'disable' };
  const file = files[enabled];
  if (file === undefined) return [];
  return [sql(`notify/trigger-${file}.sql`, { schema, table, trigger: name }).trim()];
}
