import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanUpOnExit } from '../../src/demo/clean-up-on-exit.js';
import { quantile } from '../harness/statistics.js';
import { verify } from '../harness/verify.js';

const PROGRAM = 'pgbench';
/** On this many rows: few enough to stay in memory, enough to keep writers from waiting for each other. */
export const ROWS = 10_000;

export interface Written {
  readonly tps: number;
  readonly p99Ms: number;
}

export function hasPgbench(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** Changes one row a transaction, so many times by each client. Each transaction's time is in pgbench's log. */
export async function runPgbench(
  url: string,
  table: string,
  clients: number,
  transactionsEach: number,
): Promise<Written> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = cleanUpOnExit(remove);
  try {
    const script = path.join(folder, 'update.sql');
    await writeFile(script, `\\set id random(1, ${ROWS})\nupdate ${table} set n = n + 1 where id = :id;\n`);
    const log = path.join(folder, 'log');
    const work = [
      `--client=${clients}`,
      `--jobs=${Math.min(clients, 2)}`,
      `--transactions=${transactionsEach}`,
    ];
    const how = ['--no-vacuum', '--protocol=prepared', '--log', `--log-prefix=${log}`, `--file=${script}`];
    const { stdout } = await promisify(execFile)(PROGRAM, [...work, ...how, url], { cwd: folder });
    const times = await readTimes(folder);
    verify('transactions in the log of pgbench', times.length, clients * transactionsEach);
    return { tps: Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]), p99Ms: quantile(times, 0.99) / 1_000 };
  } finally {
    remove();
    forget();
  }
}

/** The third column of each line is the transaction's time in microseconds. */
async function readTimes(folder: string): Promise<number[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith('log.'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => Number(line.split(' ')[2]));
}
