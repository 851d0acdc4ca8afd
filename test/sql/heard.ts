import type { Client } from 'pg';
import { until } from '../support/until.js';

/** One notification, as it came. */
export interface Heard {
  readonly operation: string;
  readonly schema: string;
  readonly table: string;
  readonly sent_at: string;
  readonly oid: number;
  readonly xid: number;
  readonly key?: readonly string[];
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly (readonly (string | null)[] | null)[])[];
}

export interface Ear {
  /** The texts of the notifications since the last call, all of what was committed before this one. */
  texts(): Promise<string[]>;
  /** The same, parsed. */
  heard(): Promise<Heard[]>;
}

/** Listens with nothing between the test and the server but `pg`. */
export async function listen(client: Client, channel = 'ch_pgcachewatch_table_change'): Promise<Ear> {
  let texts: string[] = [];
  let marks = 0;
  client.on('notification', ({ payload = '' }) => texts.push(payload));
  await client.query(`listen ${client.escapeIdentifier(channel)}`);
  const take = async (): Promise<string[]> => {
    const mark = `mark ${++marks}`;
    // Notifications arrive in the order of the commits, so nothing committed before is behind it.
    await client.query('select pg_notify($1, $2)', [channel, mark]);
    await until(() => texts.includes(mark), 'the mark');
    const taken = texts.filter((text) => text !== mark);
    texts = [];
    return taken;
  };
  return {
    texts: take,
    heard: async () => (await take()).map((text): Heard => JSON.parse(text)),
  };
}

/** What the notifications say of the changes: what a transaction says one after the other of a table's rows, together. */
export function saidTogether(heard: readonly Heard[]): unknown[] {
  const together: Heard[] = [];
  for (const each of heard) {
    const last = together.at(-1);
    const isMore =
      last?.rows &&
      each.rows &&
      last.xid === each.xid &&
      last.oid === each.oid &&
      last.operation === each.operation;
    if (last && isMore)
      together[together.length - 1] = { ...last, rows: [...(last.rows ?? []), ...(each.rows ?? [])] };
    else together.push(each);
  }
  return together.map(said);
}

/** What a notification says of the change, without the circumstances. */
export function said({ operation, table, rows }: Heard): unknown[] {
  return rows === undefined ? [operation, table] : [operation, table, rows];
}
