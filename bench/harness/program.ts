import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Bench } from './bench.js';
import { type RunOptions, runBench } from './run-bench.js';
import { WrongResult } from './verify.js';

/** `npm run` and bench/run.js both begin in the root. */
const RESULTS = path.resolve('bench/results');

/** Where the results of a quick run go: they must not replace those that mean something. */
const QUICK = 'quick';

const FAILURE = 1;
const USAGE = 2;

/** Runs the command line. Returns the exit status: 1 where a result was wrong or a bench failed, 2 for no sense. */
export async function runBenches(args: readonly string[], benches: readonly Bench[]): Promise<number> {
  const command = new Command('npm run bench --')
    .description('Measure what a cache costs, beside what else could be taken.')
    .argument('[bench...]', `which to run: ${benches.map(({ name }) => name).join(', ')}; default: all`)
    .option('--quick', 'small sizes and few rounds: to see that it works, not to measure', false)
    .option('--rounds <n>', 'how many rounds', wholeNumber)
    .option('--without-peers', 'leave out what the package is compared with', false)
    .option(
      '--output <folder>',
      'where the results go; default: bench/results, of a quick run bench/results/quick',
    )
    .addHelpText('after', `\n${benches.map(({ name, about }) => `${name}: ${about}`).join('\n')}`)
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
    const chosen = choose(command, command.args, benches);
    const { quick, rounds, withoutPeers, output } = command.opts<Options>();
    const folder = output ?? (quick ? path.join(RESULTS, QUICK) : RESULTS);
    for (const bench of chosen) await runBench(bench, { quick, rounds, withoutPeers, folder });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    console.error(
      error instanceof WrongResult ? `Wrong result, so nothing is reported: ${error.message}` : error,
    );
    return FAILURE;
  }
}

interface Options extends Pick<RunOptions, 'quick' | 'rounds' | 'withoutPeers'> {
  readonly output: string | undefined;
}

function choose(command: Command, names: readonly string[], benches: readonly Bench[]): readonly Bench[] {
  for (const name of names) {
    if (benches.some((bench) => bench.name === name)) continue;
    command.error(`There is no bench ${name}; there are ${benches.map((bench) => bench.name).join(', ')}.`);
  }
  return names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}
