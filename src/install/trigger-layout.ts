import { createHash } from 'node:crypto';
import type { TreeMember } from './table-trees.js';
import { NOTIFY_ROW, NOTIFY_ROW_KEY, NOTIFY_STATEMENT } from './trigger-functions.js';
import type { TriggerSettings } from './triggers.js';

/** A table of a tree, with what the whole tree decides. */
export interface TriggeredTable extends TreeMember {
  /** Whether the tree is one of inheritance: one child without a common key, and the tree has none. */
  readonly inherits: boolean;
  /** Whether it is a partition, and the server copies its root's row trigger to it. */
  readonly isPartition: boolean;
}

/** A trigger that a table should have. */
export interface WantedTrigger {
  readonly name: string;
  readonly kind: TriggerKind;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
  readonly function: string;
}

export type TriggerKind = 'statement' | 'row' | 'truncate';

// The bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h): 1 row, 4 insert, 8 delete, 16 update, 32 truncate;
// none for AFTER.
const TYPES: Readonly<Record<TriggerKind, number>> = { statement: 60, row: 29, truncate: 32 };

export function triggeredTables(tree: readonly TreeMember[]): TriggeredTable[] {
  const inherits = tree.some((member) => member.inherits);
  return tree.map((member) => ({
    ...member,
    inherits,
    isPartition: !inherits && member.oid !== member.root,
  }));
}

/**
 * The triggers that a table should have. Row triggers serve partitioned tables at every level, for the server copies them
 * to partitions made later; and the target of a subscription, whose apply worker fires no statement triggers.
 */
export function wantedTriggers(table: TriggeredTable, settings: TriggerSettings): WantedTrigger[] {
  const truncate = wanted('truncate', NOTIFY_STATEMENT);
  if (table.isPartition) return [truncate];
  if (table.inherits || !needsRows(table, settings)) return [wanted('statement', NOTIFY_STATEMENT)];
  const isQuick = settings.level === 'table' || (settings.level === 'key' && table.key_is_plain);
  return [wanted('row', isQuick ? NOTIFY_ROW_KEY : NOTIFY_ROW, rowTriggerName(table)), truncate];
}

function needsRows({ kind, subscribed, key }: TriggeredTable, { level }: TriggerSettings): boolean {
  return kind === 'p' || subscribed || level === 'row' || (level === 'key' && key !== '{}');
}

function wanted(
  kind: TriggerKind,
  functionName: string,
  name: string = `pgcachewatch_${kind}`,
): WantedTrigger {
  return { name, kind, type: TYPES[kind], function: functionName };
}

/**
 * The server refuses to attach a table as a partition if both it and the root have a trigger of the same name. So the one
 * that is copied has a name of its own for each root; the one that is there keeps the name it has.
 */
function rowTriggerName({ kind, oid, name, triggers }: TriggeredTable): string {
  if (kind !== 'p') return 'pgcachewatch_row';
  const existing = triggers.find(
    (trigger) => trigger.ours && !trigger.copy && /^pgcachewatch_row_[0-9a-f]{8}$/.test(trigger.name),
  );
  const suffix = createHash('sha256').update(`${name} ${oid}`).digest('hex').slice(0, 8);
  return existing?.name ?? `pgcachewatch_row_${suffix}`;
}
