import type { SourceOptions } from '../../src/index.js';
import type { TestDatabase } from '../support/database.js';

/** A source under test, and how a database is made ready for it. Every kind runs through the same cases. */
export interface SourceKind {
  readonly name: string;
  readonly options: SourceOptions;
  /** Options that differ from database to database, over the others. */
  readonly optionsFor?: (database: TestDatabase) => SourceOptions;
  /** After a lost connection it goes on where it was: no gap, and caches stay warm. */
  readonly resumes?: boolean;
  install(database: TestDatabase, tables: readonly string[]): Promise<void>;
}
