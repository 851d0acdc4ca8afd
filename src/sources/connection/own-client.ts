import type { Client } from 'pg';
import type { Settle } from './own-query.js';
import { send, sendThen } from './send.js';
import { sessionOf } from './session.js';

/** What pg takes from `pg.defaults`, from the environment or from a URL, and would put into the greeting. */
const NOT_OURS = [
  'query_timeout',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
] as const;

/**
 * Makes a client of pg our own, before it has sent anything: its `query` is not the one of `Client.prototype`, which
 * monitoring libraries wrap, and what is set for every client of the process does not apply to it.
 */
export function takeOver(client: Client, { replication }: { readonly replication: boolean }): Client {
  const query = (text: string | { text: string; values?: unknown[] }, ...rest: unknown[]) => {
    if (typeof text !== 'string') return ask(client, text.text, text.values);
    const [values] = rest;
    const callback = rest.at(-1);
    if (isSettle(callback)) return sendThen(client, text, Array.isArray(values) ? values : [], callback);
    return ask(client, text, Array.isArray(values) ? values : []);
  };
  // An assignment has no effect, and does not throw in whoever wraps every client that is connected.
  Object.defineProperty(client, 'query', { get: () => query, set: () => {}, configurable: true });
  const parameters: unknown = Reflect.get(client, 'connectionParameters');
  if (typeof parameters === 'object' && parameters !== null) {
    for (const name of NOT_OURS) Reflect.set(parameters, name, false);
    Reflect.set(parameters, 'replication', replication ? 'database' : undefined);
  }
  return client;
}

function ask(client: Client, text: string, values: readonly unknown[] = []) {
  const session = sessionOf(client);
  return session?.isShared ? session.ask(text, values) : send(client, text, values);
}

function isSettle(value: unknown): value is Settle {
  return typeof value === 'function';
}
