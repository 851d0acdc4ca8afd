import type { Client } from 'pg';
import { sql } from '../../sql.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { Outcome } from './own-query.js';
import { processId } from './process-id.js';
import { parseSearchPath } from './search-path.js';
import { send } from './send.js';

const sessions = new WeakMap<Client, OwnSession>();

/** The session behind a client of ours; `undefined` for somebody else's client. */
export function sessionOf(client: Client): OwnSession | undefined {
  return sessions.get(client);
}

/**
 * Sets what our queries rely on, first of all the search path, and remembers the one that was set by the user.
 *
 * A pooler that lends the server's process to one client after the other would lend our settings to strangers, and
 * theirs to us. It is known by the number of the process: the greeting of a pooler tells one of its own. Behind it,
 * each query is in a transaction that begins with the settings.
 *
 * @param replication a connection that replicates is never lent to others
 */
export async function beginSession(
  client: Client,
  { replication }: { readonly replication: boolean },
): Promise<OwnSession> {
  const pid = replication ? ANY_PROCESS : String(processId(client) ?? NO_PROCESS);
  const results = [await send(client, sql('connection/session.sql', { pid }))].flat();
  const session = new OwnSession(client, {
    searchPath: parseSearchPath(String(results[0]?.rows[0]?.search_path ?? '')),
    isShared: results.at(-1)?.rows[0]?.settled !== true,
  });
  sessions.set(client, session);
  return session;
}

/** What session.sql takes for every process, and for none. */
const ANY_PROCESS = 'any';
const NO_PROCESS = 'none';
const BEGIN = 'begin isolation level read committed';

export class OwnSession {
  /** As the user has it set for this role, database or connection: what bare names of tables are looked up in. */
  readonly searchPath: readonly string[];
  readonly #client: Client;
  readonly #questions = new OneAtATime();
  readonly #settings: string[] = [];
  #isShared: boolean;

  constructor(client: Client, { searchPath, isShared }: Pick<OwnSession, 'searchPath' | 'isShared'>) {
    this.#client = client;
    this.searchPath = searchPath;
    this.#isShared = isShared;
  }

  /** Whether the server's process may serve somebody else between two transactions. */
  get isShared(): boolean {
    return this.#isShared;
  }

  /**
   * Sets more, by a file of `sql/` with the variable `local`: for the session, or for each transaction.
   *
   * @param variables the other variables of the file
   */
  async set(file: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#isShared) this.#settings.push(sql(file, { ...variables, local: 'true' }));
    else await send(this.#client, sql(file, { ...variables, local: 'false' }));
  }

  /** The process is known to be this session's alone, as in a pool in session mode: settings last from now on. */
  async keep(): Promise<void> {
    if (!this.#isShared) return;
    await send(this.#client, sql('connection/session.sql', { pid: ANY_PROCESS }));
    this.#isShared = false;
  }

  /** Works under one more setting (`set_config`), which ends with the work; for a session that is shared. */
  async during<T>(name: string, value: string, work: () => Promise<T>): Promise<T> {
    const setting = sql('connection/setting.sql', { name, value });
    this.#settings.push(setting);
    try {
      return await work();
    } finally {
      this.#settings.splice(this.#settings.lastIndexOf(setting), 1);
    }
  }

  /** Runs a text in a transaction that begins with the settings, unless one of the caller's own is open. */
  ask(text: string, values: readonly unknown[]): Promise<Outcome> {
    return this.#questions.run(async () => {
      const client = this.#client;
      if (client.getTransactionStatus() !== 'I') return send(client, text, values);
      try {
        const settings = [sql('connection/session.sql', { pid: NO_PROCESS }), ...this.#settings];
        await send(client, [BEGIN, ...settings].join(';\n'));
        const outcome = await send(client, text, values);
        if (!BEGINS.test(text)) await send(client, 'commit');
        return outcome;
      } catch (error) {
        await send(client, 'rollback').catch(() => {});
        throw error;
      }
    });
  }
}

/** What begins a transaction of the caller's own. The server only warns of the one that is open already. */
const BEGINS = /^(?:\s|--[^\n]*\n)*begin\b/i;
