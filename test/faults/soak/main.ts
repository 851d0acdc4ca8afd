import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { allFaults } from '../rig/faults/all-faults.js';
import { isMode, MODES, type SoakMode } from './modes.js';
import { progressLine, report } from './report.js';
import { soak } from './soak.js';
import { standbyAway } from './standby-away.js';

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly round: number;
  readonly mode: readonly SoakMode[];
  readonly faults: string;
  readonly markdown?: string;
}

const program = new Command('npm run soak --')
  .description('Hurts servers, networks and processes at random, and sees to it that no promise is broken.')
  .option('--minutes <n>', 'how long', positive, 10)
  .option(
    '--seed <n>',
    'chooses the faults, their moments and what is written',
    whole,
    Date.now() % 1_000_000,
  )
  .option('--round <n>', 'begin with this round, to see again what has failed', whole, 1)
  .option('--mode <modes>', `some of ${MODES.join(',')}`, modes, [...MODES])
  .option('--faults <pattern>', 'only those with such a name', '')
  .option('--markdown <file>', 'write the figures there as well')
  .parse();
const { minutes, seed, round, mode, faults: pattern, markdown } = program.opts<Flags>();

const faults = [...allFaults, standbyAway].filter(({ name }) => new RegExp(pattern, 'i').test(name));
console.log(`Seed ${seed}, ${mode.join(', ')}, ${minutes} minutes, ${faults.length} kinds of fault.`);
const result = await soak({
  minutes,
  seed,
  firstRound: round,
  modes: mode,
  faults,
  onProgress: (...sofar) => console.log(progressLine(...sofar)),
});
const replay = `npm run soak -- --seed ${seed} --minutes ${minutes} --mode ${mode.join(',')}`;
const text = report(result, replay);
console.log(`\n${text}`);
if (markdown !== undefined) await writeFile(markdown, `${text}\n`);
process.exitCode = result.totals.findings.length > 0 ? 1 : 0;

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

function modes(text: string): SoakMode[] {
  return text.split(',').map((each) => {
    if (isMode(each)) return each;
    throw new InvalidArgumentError(`It must be some of ${MODES.join(', ')}, with commas between them.`);
  });
}
