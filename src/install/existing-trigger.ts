import { sql } from '../sql.js';

/** A trigger that is on a table. */
export interface Trigger {
  readonly name: string;
  /** `pg_trigger.tgenabled`. */
  readonly enabled: string;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
  /** The name of a function of ours that it calls. */
  readonly function: string | null;
  /** `CREATE TRIGGER …`, without a semicolon. */
  readonly definition: string;
}

/** A trigger that is ours, or has a name of ours. */
export interface ExistingTrigger extends Trigger {
  /** Whether it calls a function of ours. */
  readonly ours: boolean;
  /** Whether it is the server's copy, on a partition, of a trigger of the partitioned table. */
  readonly copy: boolean;
  /** The arguments as the catalog has them, in hex. */
  readonly arguments: string;
  /** Whether it has no condition, no list of columns and no transition tables, and is no constraint trigger. */
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
  return triggers
    .flatMap((trigger) => [
      `${trigger.definition};`,
      // It is the default.
      ...(trigger.enabled === 'O' ? [] : [fireTrigger(on, trigger)]),
    ])
    .join('\n');
}

/** The SQL that has a trigger fire when `enabled` (`pg_trigger.tgenabled`) says; one for rows with its copies. */
export function fireTrigger(
  { schema, table }: OnTable,
  { name, enabled, type }: Pick<Trigger, 'name' | 'enabled'> & { readonly type: number },
): string {
  const files: Readonly<Record<string, string>> = { A: 'always', R: 'replica', D: 'disable' };
  const file = files[enabled];
  const isOfRows = file !== undefined && (type & 1) === 1;
  return sql(`notify/${isOfRows ? 'row-' : ''}trigger-${file ?? 'enable'}.sql`, {
    ...{ schema, table },
    trigger: name,
  }).trim();
}
