import { Client } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { type Outcome, OwnQuery, type Settle } from './own-query.js';

/** Sends one text of our own, in its turn. */
export function send(client: Client, text: string, values: readonly unknown[] = []): Promise<Outcome> {
  return new Promise<Outcome>((resolve, reject) => {
    sendThen(client, text, values, (error, outcome) => {
      if (error) reject(error);
      else resolve(outcome ?? []);
    });
  }).catch((error: unknown) => {
    // What pg gives leads to the socket's callback; what is wanted is who has asked.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  });
}

/** @param settle is called while the answer is parsed, before what follows it */
export function sendThen(client: Client, text: string, values: readonly unknown[], settle: Settle): void {
  const query = new OwnQuery(text, values, settle);
  const pgsOwn: (this: Client, query: OwnQuery) => unknown = Client.prototype.query;
  const queue = queueOf(client);
  // A later pg may have no such queue. Its own `query` takes what is in this one's place, as it takes cursors; a
  // wrapper of it cannot alter the text, but can do what else it likes.
  if (queue === null) pgsOwn.call(client, query);
  else if (queue.isClosed()) process.nextTick(() => settle(closed()));
  else queue.push(query);
}

interface Queue {
  isClosed(): boolean;
  push(query: OwnQuery): void;
}

/** What `Client.prototype.query` of pg puts its queries into (node-postgres, lib/client.js). Also for tests. */
export function queueOf(client: Client): Queue | null {
  const queue: unknown = Reflect.get(client, '_queryQueue');
  const pulse: unknown = Reflect.get(client, '_pulseQueryQueue');
  if (!Array.isArray(queue) || typeof pulse !== 'function') return null;
  return {
    isClosed: () => Reflect.get(client, '_queryable') === false || Reflect.get(client, '_ending') === true,
    push: (query) => {
      queue.push(query);
      pulse.call(client);
    },
  };
}

function closed(): PgCacheWatchError {
  return new PgCacheWatchError('CONNECTION', 'The connection to the server is closed', {
    remedy: 'It is opened again. If it recurs, look for what ends it in the log of the server.',
  });
}
