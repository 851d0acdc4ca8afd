import type { Connection, FieldDef, QueryResult } from 'pg';
import { asError } from '../../errors.js';
import { type ColumnParser, columnParser } from './column-parsers.js';
import { writeParameter } from './write-parameter.js';

type Row = Record<string, unknown>;
/** As pg has it: an array where the text held several statements. */
export type Outcome = QueryResult<Row> | QueryResult<Row>[];
export type Settle = (error: Error | null, outcome?: Outcome) => void;

/**
 * A query in the queue of a pg client (what pg calls a Submittable): what it sends and how it reads the answer is
 * here, and not in pg's `Query` and `Result`, whose behaviour depends on global settings. The text is private, so
 * that a library that wraps `Client.prototype.query` has nothing to put its comments into.
 */
export class OwnQuery {
  readonly #text: string;
  readonly #values: readonly unknown[];
  readonly #settle: Settle;
  readonly #results: QueryResult<Row>[] = [];
  #rows: Row[] = [];
  #fields: FieldDef[] = [];
  #parsers: readonly ColumnParser[] = [];
  /** A value that could not be read; reported when the server has finished. */
  #unreadable: Error | null = null;
  #settled = false;

  constructor(text: string, values: readonly unknown[], settle: Settle) {
    this.#text = text;
    this.#values = values;
    this.#settle = settle;
  }

  /** Called by pg when the connection is this query's. The error that it returns is given to `handleError`. */
  submit(connection: Connection): Error | null {
    // Without parameters by the simple protocol, the only one that can send several statements or a replication command.
    if (this.#values.length === 0) {
      connection.query(this.#text);
      return null;
    }
    const { stream } = connection;
    stream.cork();
    try {
      connection.parse({ name: '', text: this.#text, types: [] }, true);
      connection.bind({ values: this.#values.map(writeParameter) }, true);
      connection.describe({ type: 'P', name: '' }, true);
      connection.execute({}, true);
      connection.sync();
      return null;
    } catch (error) {
      return asError(error);
    } finally {
      stream.uncork();
    }
  }

  handleRowDescription({ fields }: { readonly fields: FieldDef[] }): void {
    this.#fields = fields;
    this.#parsers = fields.map(({ dataTypeID }) => columnParser(dataTypeID));
  }

  handleDataRow({ fields: texts }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#unreadable !== null) return;
    try {
      const row: Row = {};
      for (const [i, { name }] of this.#fields.entries()) {
        const text = texts[i] ?? null;
        row[name] = text === null ? null : (this.#parsers[i]?.(text) ?? null);
      }
      this.#rows.push(row);
    } catch (error) {
      this.#unreadable = asError(error);
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    // INSERT 0 5, SELECT 5, SET
    const [command = '', ...counts] = text.split(' ');
    const count = counts.at(-1);
    this.#results.push({
      command,
      rowCount: count !== undefined && /^\d+$/.test(count) ? Number(count) : null,
      oid: 0,
      fields: this.#fields,
      rows: this.#rows,
    });
    this.#rows = [];
    this.#fields = [];
  }

  handleReadyForQuery(): void {
    const [only = nothing(), ...others] = this.#results;
    this.#end(this.#unreadable, others.length === 0 ? only : this.#results);
  }

  handleError(error: Error): void {
    this.#end(error);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(): void {}

  handleCopyData(): void {}

  /** Settles once: after an error, the server still says that it is ready. */
  #end(error: Error | null, outcome?: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    if (error) this.#settle(error);
    else this.#settle(null, outcome);
  }
}

function nothing(): QueryResult<Row> {
  return { command: '', rowCount: null, oid: 0, fields: [], rows: [] };
}
