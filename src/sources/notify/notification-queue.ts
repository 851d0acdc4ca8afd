import type { Client } from 'pg';
import type { Logger } from '../../logger.js';
import { sql } from '../../sql.js';

/** The server's own log begins to warn there, too. */
const MUCH = 0.5;

const USAGE = sql('notify/queue-usage.sql');

/** The server's queue of notifications, which all databases share: when it is full, every commit that notifies fails. */
export class NotificationQueue {
  readonly #client: Client;
  readonly #logger: Logger;
  #usage: number | null = null;

  constructor(client: Client, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** From 0 to 1, as it was when last looked at. */
  get usage(): number | null {
    return this.#usage;
  }

  /** Looks, and warns when it has become half full. Never rejects: what fails with the connection is noticed there. */
  async look(): Promise<void> {
    const before = this.#usage ?? 0;
    try {
      const { rows } = await this.#client.query<{ usage: number }>(USAGE);
      this.#usage = rows[0]?.usage ?? null;
    } catch {
      this.#usage = null;
    }
    const usage = this.#usage ?? 0;
    if (usage < MUCH || before >= MUCH) return;
    const remedy =
      'A listener does not take them: npx pgcachewatch doctor names the likeliest, and the log of the server its process.';
    const percent = Math.round(usage * 100);
    const message = `The server's queue of notifications is ${percent} % full; at 100 % every commit that notifies fails`;
    this.#logger.warn({ usage, remedy }, `pgcachewatch: ${message}`);
  }
}
