import { escapeIdentifier } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { quoteForShell } from '../shell.js';
import type { ChangeSource } from '../sources/change-source.js';
import type { WatchedColumn } from '../sources/watched-tables.js';
import type { Resolved, Widening } from './resolve-dependencies.js';

/** Says, once for each column, that a dependency is wider than it was meant, and what would mend it. */
export class WideningWarnings {
  readonly #source: ChangeSource;
  readonly #cache: string;
  readonly #told = new Set<string>();

  constructor(source: ChangeSource, cache: string) {
    this.#source = source;
    this.#cache = cache;
  }

  check(resolved: Resolved): void {
    for (const widening of resolved.widened) {
      const { schema, table } = resolved.table;
      const key = [schema, table, widening.column, widening.reason].join('\0');
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      this.#warn(wideningWarning(this.#cache, resolved, widening, this.#source));
    }
  }

  #warn(warning: PgCacheWatchError): void {
    const { logger } = this.#source;
    // Whoever has set up no logger is shown it once, on stderr, as Node shows other misuses.
    if (logger === null) process.emitWarning(`${warning.message}. ${warning.remedy}`, { code: warning.code });
    else logger.warn({ remedy: warning.remedy, cache: this.#cache }, `pgcachewatch: ${warning.message}`);
  }
}

function wideningWarning(
  cache: string,
  { table, row }: Resolved,
  { column, reason }: Widening,
  { mode }: ChangeSource,
): PgCacheWatchError {
  const name = `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.table)}`;
  const instead =
    row === null ? 'every change of the table' : `every change that fits ${row.columns.join(', ')}`;
  const message =
    `The cache ${cache} depends on rows of ${name} by ${JSON.stringify(column)}, ${WHY[reason]}: ` +
    (reason === 'untold' && row?.columns.includes(column)
      ? 'every update and delete of the table drops it, and an insert unless it tells another value'
      : `${instead} drops it`);
  const generated = table.columns.find((each) => each.name === column)?.generated ?? null;
  return new PgCacheWatchError('WIDENED', message, { remedy: remedyFor(reason, name, mode, generated) });
}

const WHY: Readonly<Record<Widening['reason'], string>> = {
  type: 'whose type has several texts for equal values',
  value: 'with a value whose text in Postgres is in doubt',
  untold: 'of which the source does not tell the value before and after a change',
};

function remedyFor(
  reason: Widening['reason'],
  name: string,
  mode: ChangeSource['mode'],
  generated: WatchedColumn['generated'],
): string {
  switch (reason) {
    case 'type':
      return 'Depend on a column of an integer type, text, uuid, boolean or an enum; or on the table with table().';
    case 'value':
      return 'Pass the value as pg returns it from the column.';
    case 'untold':
      // A trigger sees what is stored. A publication leaves out every generated column before PostgreSQL 18.
      if (generated === 'virtual' || (generated === 'stored' && mode !== 'notify')) {
        return 'It is a generated column: depend on the columns that it is computed from; or on the table with table().';
      }
      // An ALTER TABLE alone could make writers fail: where columns are left out of the publication.
      return mode === 'notify'
        ? `Run: npx pgcachewatch install ${quoteForShell(name)} --level row --commit, with the --channel that it was ` +
            'installed with, if it was; or depend on the table with table().'
        : `Run: npx pgcachewatch install ${quoteForShell(name)} --mode replication --replica-identity always-full ` +
            '--commit, with the --publication that it was installed with, if it was; or depend on the table with table().';
  }
}
