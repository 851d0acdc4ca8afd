import type { Bench, BenchContext } from './bench.js';
import { describeMachine, peerVersions } from './machine.js';
import { Progress } from './progress.js';
import { toTables, writeReport } from './report.js';
import { startBenchServer } from './server.js';

export interface RunOptions {
  readonly quick: boolean;
  readonly rounds: number | undefined;
  readonly withoutPeers: boolean;
  /** Where the results go. */
  readonly folder: string;
}

const QUICK_ROUNDS = 3;

/**
 * Runs one bench, writes what it found and prints it. Whatever it started is ended, also where it fails; then
 * nothing is written.
 */
export async function runBench(bench: Bench, options: RunOptions): Promise<void> {
  const { quick, rounds, withoutPeers, folder } = options;
  const progress = new Progress(process.stderr);
  const ends: (() => unknown)[] = [];
  const versions: string[] = [];
  const context: BenchContext = {
    quick,
    withoutPeers,
    size: (full, small) => (quick ? small : full),
    rounds: (full) => rounds ?? (quick ? QUICK_ROUNDS : full),
    progress: (text) => progress.show(`${bench.name}: ${text}`),
    atEnd: (task) => ends.push(task),
    server: async (settings = {}) => {
      progress.show(`${bench.name}: starting a server`);
      const server = await startBenchServer(settings);
      ends.push(() => server.stop());
      versions.push(server.version);
      return server;
    },
  };
  // Before, not after: what the bench does to the machine is not what it found there.
  const machine = describeMachine();
  const result = await bench.run(context).finally(async () => {
    progress.clear();
    for (const end of ends.reverse()) await clearUp(end);
  });
  const described = { ...machine, postgres: [...new Set(versions)].join(', ') || 'none' };
  const { name, about } = bench;
  const report = { bench: name, about, quick, ...result, machine: described, peers: peerVersions() };
  const files = await writeReport(context, folder, report);
  console.log(toTables(report));
  console.log(`\nWritten: ${files.join(', ')}\n`);
}

/** What fails in the end must not keep the rest from ending, nor hide why the bench failed. */
async function clearUp(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch (error) {
    console.error('Could not clear up:', error);
  }
}
