import {
  type ChangeEvent,
  type ChangeSource,
  type ChangeTransaction,
  createSource,
  type Gap,
  type SourceOptions,
  type SourceState,
} from '../../src/index.js';
import type { TestDatabase } from '../support/database.js';
import type { SourceKind } from './source-kind.js';

/** What the tests compare of a change. */
export interface Told {
  readonly operation: string;
  readonly table: string;
  readonly key: Record<string, unknown> | null;
  readonly previousKey?: Record<string, unknown>;
}

/** A live source and all that it has told. */
export interface Recorded {
  readonly source: ChangeSource;
  readonly transactions: ChangeTransaction[];
  readonly gaps: Gap[];
  readonly states: SourceState[];
  readonly errors: Error[];
  /** What has been told since the last call, once everything committed so far has been. */
  told(): Promise<Told[]>;
  /** The same, a list for each transaction. */
  toldTogether(): Promise<Told[][]>;
  /** The events themselves. */
  events(): Promise<ChangeEvent[]>;
}

/** Makes tables with the SQL, installs the kind's means on `tables`, and starts a source. */
export async function record(
  kind: SourceKind,
  database: TestDatabase,
  setup: { readonly sql?: string; readonly tables: readonly string[] },
  options: SourceOptions = {},
): Promise<Recorded> {
  if (setup.sql) await database.query(setup.sql);
  await kind.install(database, setup.tables);
  const source = createSource({
    ...kind.options,
    ...kind.optionsFor?.(database),
    connection: database.url,
    tables: setup.tables,
    ...options,
  });
  const recorded = recording(source);
  await source.start();
  return recorded;
}

export function recording(source: ChangeSource): Recorded {
  const transactions: ChangeTransaction[] = [];
  const gaps: Gap[] = [];
  const states: SourceState[] = [];
  const errors: Error[] = [];
  source.on('transaction', (transaction) => transactions.push(transaction));
  source.on('gap', (gap) => gaps.push(gap));
  source.on('state', (state) => states.push(state));
  source.on('error', (error) => errors.push(error));
  const toldTogether = async () => {
    await source.caughtUp();
    return transactions.splice(0).map(({ changes }) => [...changes].map(told));
  };
  return {
    source,
    transactions,
    gaps,
    states,
    errors,
    toldTogether,
    told: async () => (await toldTogether()).flat(),
    events: async () => {
      await source.caughtUp();
      return transactions.splice(0).flatMap(({ changes }) => [...changes]);
    },
  };
}

function told({ operation, schema, table, key, previousKey }: ChangeEvent): Told {
  const base = {
    operation,
    table: schema === 'public' ? table : `${schema}.${table}`,
    key: key && { ...key },
  };
  return previousKey ? { ...base, previousKey: { ...previousKey } } : base;
}
