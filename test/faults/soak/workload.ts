import pg from 'pg';
import { History } from '../checker/history.js';
import type { Write } from '../checker/record.js';
import type { Around } from '../fault.js';
import { randomOf } from '../random.js';
import { loadBulk, loadTables } from './loads.js';
import { WriterProgram } from './program.js';
import { BULK, rowsOf, VERSIONED } from './tables.js';
import { AroundWrites } from './waiting-around.js';
import { Writer } from './writer.js';

const WRITERS = 4;

/** All the writers, and what has come of what they wrote. */
export class Workload {
  readonly history = new History();
  readonly #url: string;
  readonly #seed: number;
  readonly #programs: readonly WriterProgram[];
  readonly #writers: readonly Writer[];
  readonly #around = new AroundWrites();
  #lastNumber = 0;
  #writes: Write[] = [];
  committed = 0;

  constructor(url: string, seed: number) {
    this.#url = url;
    this.#seed = seed;
    this.#programs = Array.from({ length: WRITERS }, (_, writer) => new WriterProgram(writer, WRITERS));
    this.#writers = this.#programs.map(
      (program, writer) =>
        new Writer({
          url,
          writer,
          program,
          number: () => ++this.#lastNumber,
          onCommitted: (write) => this.#onCommitted(write),
          takeAround: (transaction) => this.#around.takenBy(transaction),
        }),
    );
  }

  get rolledBack(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.rolledBack, 0);
  }

  get unsure(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.unsure, 0);
  }

  /** What was committed since the last time. */
  take(): readonly Write[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  start(round: number): void {
    for (const [i, program] of this.#programs.entries()) {
      program.begin(randomOf(this.#seed * 104_729 + round * WRITERS + i));
    }
    for (const writer of this.#writers) writer.start();
  }

  /** Resolves when a writer has committed that wrote to the table. */
  writeAround(around: Around): Promise<void> {
    return this.#around.ask(around);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.stop()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()));
  }

  /** What the database holds otherwise than was recorded: then it is the record that is wrong. */
  async differences(): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.#url, application_name: 'soak-admin' });
    client.on('error', () => {});
    await client.connect();
    try {
      const query = (text: string, values: unknown[] = []) => client.query(text, values);
      const there = new Map([...(await loadTables(query, VERSIONED)), ...(await loadBulk(query))]);
      const scopes = [...VERSIONED.flatMap((table) => rowsOf(table)), { row: BULK }];
      return scopes.flatMap((scope) => {
        const [row, version] = this.history.atEnd(scope);
        const found = there.get(row) ?? 0;
        return found === version ? [] : [`${row} is at ${found}, and was recorded to be at ${version}`];
      });
    } finally {
      await client.end();
    }
  }

  #onCommitted(write: Write): void {
    this.committed++;
    this.history.add(write);
    this.#writes.push(write);
  }
}
