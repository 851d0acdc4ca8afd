import type { ChangeEvent, Operation, Origin, TransactionInfo, Values } from './change-event.js';
import type { Column, Relation } from './relation.js';

/** The texts of some columns, in the order of the columns. `undefined`: not sent. */
export type Texts = readonly (string | null | undefined)[];
/** The texts of a key: no column of a key is null. */
export type KeyTexts = readonly string[];

/** What a source found out about one change, not yet parsed. */
export interface RawChange {
  readonly operation: Operation;
  readonly relation: Relation;
  readonly key: KeyTexts | null;
  readonly previousKey: KeyTexts | null;
  readonly before: Texts | null;
  readonly after: Texts | null;
}

/** What the changes of one message have in common. */
export interface Occasion {
  readonly transaction: TransactionInfo;
  readonly sentAt: Date;
  readonly receivedAt: Date;
  readonly origin: Origin;
}

/** A change that parses a value when somebody looks at it, and not before: most are never looked at. */
export class RowChange implements ChangeEvent {
  readonly #raw: RawChange;
  readonly #occasion: Occasion;
  /** The images, read once however many columns are asked for. */
  #before: Texts | undefined;
  #after: Texts | undefined;

  constructor(raw: RawChange, occasion: Occasion) {
    this.#raw = raw;
    this.#occasion = occasion;
  }

  get operation(): Operation {
    return this.#raw.operation;
  }
  get schema(): string {
    return this.#raw.relation.schema;
  }
  get table(): string {
    return this.#raw.relation.table;
  }
  get key(): Values | null {
    return parsed(this.#raw.relation.key, this.#raw.key);
  }
  get previousKey(): Values | null {
    return parsed(this.#raw.relation.key, this.#raw.previousKey);
  }
  get before(): Values | null {
    return parsed(this.#raw.relation.columns, this.#raw.before);
  }
  get after(): Values | null {
    return parsed(this.#raw.relation.columns, this.#raw.after);
  }
  get transaction(): TransactionInfo {
    return this.#occasion.transaction;
  }
  get sentAt(): Date {
    return this.#occasion.sentAt;
  }
  get receivedAt(): Date {
    return this.#occasion.receivedAt;
  }
  get latencyMs(): number {
    return this.receivedAt.getTime() - this.sentAt.getTime();
  }
  get origin(): Origin {
    return this.#occasion.origin;
  }

  textBefore(column: string): string | null | undefined {
    const { operation, relation, key, previousKey } = this.#raw;
    if (operation === 'insert') return undefined;
    const inKey = key === null ? -1 : place(relation.key, column);
    if (inKey >= 0) return (previousKey ?? key)?.[inKey];
    this.#before ??= this.#raw.before ?? [];
    return this.#before[place(relation.columns, column)];
  }

  textAfter(column: string): string | null | undefined {
    const { operation, relation, key } = this.#raw;
    if (operation === 'delete') return undefined;
    const inKey = key === null ? -1 : place(relation.key, column);
    if (inKey >= 0) return key?.[inKey];
    this.#after ??= this.#raw.after ?? [];
    return this.#after[place(relation.columns, column)];
  }

  /** The same change without the row images: for whoever keeps it, and rows can be large. */
  withoutImages(): RowChange {
    const { operation, relation, key, previousKey } = this.#raw;
    // The transaction itself would hold on to all its rows.
    const { transaction, sentAt, receivedAt, origin } = this.#occasion;
    const { xid, commitLsn, committedAt } = transaction;
    return new RowChange(
      { operation, relation, key, previousKey, before: null, after: null },
      { transaction: { xid, commitLsn, committedAt }, sentAt, receivedAt, origin },
    );
  }

  /** Getters are not own properties: without this, printing an event would show nothing. */
  toJSON(): Omit<ChangeEvent, 'textBefore' | 'textAfter'> {
    const { operation, schema, table, key, previousKey, before, after } = this;
    // A source may keep more there than it tells, and have getters for what it tells.
    const { xid, commitLsn, committedAt } = this.transaction;
    const transaction = { xid, commitLsn, committedAt };
    const { sentAt, receivedAt, latencyMs, origin } = this;
    return {
      ...{ operation, schema, table, key, previousKey, before, after, transaction },
      ...{ sentAt, receivedAt, latencyMs, origin },
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }
}

function parsed(columns: readonly Column[], texts: Texts | null): Values | null {
  if (texts === null) return null;
  // A column may be named __proto__: without a prototype, that is a name like any other.
  const values: Record<string, unknown> = Object.create(null);
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i];
    const text = texts[i];
    if (column === undefined || text === undefined) continue;
    values[column.name] = text === null ? null : column.parse(text);
  }
  return values;
}

function place(columns: readonly Column[], name: string): number {
  for (let i = 0; i < columns.length; i++) if (columns[i]?.name === name) return i;
  return -1;
}
