import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Write } from '../checker/record.js';
import { now } from './clock.js';
import type { Transaction, WriterProgram } from './program.js';
import { LOG_TABLE } from './tables.js';
import { type WaitingAround, within } from './waiting-around.js';

const RETRY_MS = 100;
const CONNECT_TIMEOUT_MS = 3_000;
/** So that one that was left behind by a lost connection is over before the next begins. */
const LOCK = 4_200;

export interface WriterOptions {
  readonly url: string;
  readonly writer: number;
  readonly program: WriterProgram;
  /** Gives the next transaction's number. */
  readonly number: () => number;
  readonly onCommitted: (write: Write) => void;
  /** Takes DDL that is to go around what this transaction writes, if there is some. */
  readonly takeAround: (transaction: Transaction) => WaitingAround | undefined;
}

/** Writes one transaction after the other until it is told to stop, whatever becomes of the server meanwhile. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #lock: string;
  #client: pg.Client | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  rolledBack = 0;
  /** Commits of which the connection was lost before the answer came. */
  unsure = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#lock = `select pg_advisory_xact_lock(${LOCK}, ${options.writer})`;
  }

  start(): void {
    this.#isStopping = false;
    this.#running = this.#run();
  }

  /** Resolves when what it has begun is over, and known. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#client?.end().catch(() => {});
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const transaction = this.#options.program.next();
      await delay(transaction.pauseMs);
      await this.#write(transaction);
    }
  }

  async #write(transaction: Transaction): Promise<void> {
    const { number, program, onCommitted, takeAround } = this.#options;
    const n = number();
    const { rows, rollBack, openForMs } = transaction;
    const around = takeAround(transaction);
    const statements = around ? within(around, transaction.statements) : transaction.statements;
    const text = ['begin', this.#lock, `insert into ${LOG_TABLE} values ($n)`, ...statements].join('; ');
    const begun = now();
    let sent: number | undefined;
    let isCommitted = false;
    try {
      const client = await this.#connected();
      await client.query(text.replaceAll('$n', String(n)));
      if (openForMs > 0) await delay(openForMs);
      await around?.beforeCommit?.();
      if (!rollBack) sent = now();
      await client.query(rollBack ? 'rollback' : 'commit');
      isCommitted = !rollBack;
    } catch {
      await this.#disconnect();
      if (sent === undefined) return around?.again();
      this.unsure++;
      isCommitted = await this.#settle(n);
    }
    if (!isCommitted || sent === undefined) {
      this.rolledBack++;
      around?.again();
      return;
    }
    program.committed(rows);
    onCommitted({ n, begun, sent, known: now(), rows });
    around?.done();
  }

  /** Whether a commit that was never answered has taken place. The lock waits until the one that made it is over. */
  async #settle(n: number): Promise<boolean> {
    for (;;) {
      try {
        const client = await this.#connected();
        await client.query(`begin; ${this.#lock}`);
        const { rowCount } = await client.query(`select from ${LOG_TABLE} where n = $1`, [n]);
        await client.query('rollback');
        return rowCount === 1;
      } catch {
        await this.#disconnect();
        await delay(RETRY_MS);
      }
    }
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'soak-writer',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      await delay(RETRY_MS);
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }
}
