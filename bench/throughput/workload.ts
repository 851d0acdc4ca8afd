import type { BenchServer } from '../harness/server.js';

export interface Workload {
  readonly title: string;
  readonly rows: number;
  readonly rowsPerTransaction: number;
  /** How long the text of a row is, about. */
  readonly rowBytes: number;
}

/** No statement writes more: beyond 1,000 rows, the triggers would tell of the whole table. */
const ROWS_PER_STATEMENT = 500;

/** One table for each way of hearing, so that neither costs the other anything. */
export const tables = { notify: 'heard_by_notify', replication: 'heard_by_replication' };
export const channel = 'bench_throughput';
export const publication = 'bench_throughput';

export async function makeTables(server: BenchServer): Promise<void> {
  for (const table of Object.values(tables)) {
    // Uncompressed: a row takes on the wire what it says that it takes.
    await server.query(`create table ${table} (id int primary key, body text storage external not null)`);
  }
  await server.install({ tables: [tables.notify], mode: 'notify', channel });
  await server.install({ tables: [tables.replication], mode: 'replication', publication });
}

/** Writes and commits all of it, from row `first` on, within the server: no client slows it down. */
export async function write(
  server: BenchServer,
  table: string,
  first: number,
  { rows, rowsPerTransaction, rowBytes }: Workload,
): Promise<void> {
  const statement = Math.min(ROWS_PER_STATEMENT, rowsPerTransaction);
  await server.query(`do $$ begin
    for start in ${first} .. ${first + rows - 1} by ${statement} loop
      insert into ${table} select id, repeat('x', ${rowBytes}) || ' ' || id
        from generate_series(start, least(start + ${statement}, ${first + rows}) - 1) id;
      if (start - ${first} + ${statement}) % ${rowsPerTransaction} = 0 then commit; end if;
    end loop;
  end $$`);
}
