import type { SourceOptions } from '../../src/index.js';
import type { TestDatabase } from '../support/database.js';

/** A source under test, and how a database is made ready for it. Every kind runs through the same cases. */
export interface SourceKind {
  readonly name: string;
  readonly options: SourceOptions;
  install(database: TestDatabase, tables: readonly string[]): Promise<void>;
}
