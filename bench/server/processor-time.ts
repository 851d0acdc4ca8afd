import { readFile } from 'node:fs/promises';
import type { BenchServer } from '../harness/server.js';

/** The server's processes that serve sources of ours. */
const OURS = `
  select pid from pg_stat_activity where application_name like 'pgcachewatch%'
  union
  select active_pid from pg_replication_slots where active_pid is not null`;

/** Whether the system tells the processor time of a process: Linux, by the first number of `schedstat`. */
export async function tellsProcessorTime(): Promise<boolean> {
  return readFile('/proc/self/schedstat').then(
    () => true,
    () => false,
  );
}

/** What the server's processes that serve sources have used so far, in microseconds. */
export async function processorTimeUs(server: BenchServer): Promise<number> {
  const { rows } = await server.query(OURS);
  const times = await Promise.all(rows.map(({ pid }) => readFile(`/proc/${pid}/schedstat`, 'utf8')));
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1_000, 0);
}
