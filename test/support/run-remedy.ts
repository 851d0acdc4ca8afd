import { execFileSync } from 'node:child_process';
import { run } from '../../src/cli/program.js';
import type { TestDatabase } from './database.js';

/** Runs the command that a remedy prints, as a shell would read it. */
export async function runRemedy(remedy: string, database: TestDatabase): Promise<void> {
  const command = /npx pgcachewatch (.*? --commit)/.exec(remedy)?.[1];
  if (command === undefined) throw new Error(`No command in: ${remedy}`);
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const status = await run([...words.split('\0').slice(0, -1), '--url', database.url], {
    out: say,
    err: say,
  });
  if (status !== 0) throw new Error(said.join(''));
}
