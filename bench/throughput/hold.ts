import { cleanUpOnExit } from '../../src/demo/clean-up-on-exit.js';
import type { BenchServer } from '../harness/server.js';
import { WrongResult } from '../harness/verify.js';

const PATIENCE_MS = 10_000;

/**
 * Stops the server's processes that serve everybody else, so that nothing is decoded or sent until they go on: to
 * stop the client would leave it the first megabytes in the buffers of its socket.
 *
 * @returns what lets them go on
 */
export async function holdOthers(server: BenchServer): Promise<() => void> {
  const pids = await idle(server);
  const signal = (name: NodeJS.Signals) => pids.forEach((pid) => void process.kill(pid, name));
  // The server could not stop while one of them stands still.
  const forget = cleanUpOnExit(() => signal('SIGCONT'));
  signal('SIGSTOP');
  return () => {
    signal('SIGCONT');
    forget();
  };
}

/** Their process ids, as soon as all of them wait for something to do: one that works may hold a lock. */
async function idle(server: BenchServer): Promise<number[]> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const { rows } = await server.query(`
      select pid, coalesce(wait_event_type in ('Client', 'Activity'), false) as idle from pg_stat_activity
      where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()`);
    if (rows.length > 0 && rows.every((row) => row.idle)) return rows.map((row) => row.pid);
  }
  throw new WrongResult(`Nobody listens, or not idly, after ${PATIENCE_MS / 1_000} s`);
}
