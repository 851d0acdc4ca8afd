import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultLockTimeoutMs } from '../install/install-options.js';

/** The flags that say what becomes of the plan. */
export function addCarryOutFlags(command: Command): Command {
  return command
    .option(
      '--lock-timeout <ms>',
      `wait no longer than this for all locks together, then change nothing and say who holds one (default: ${defaultLockTimeoutMs})`,
      wholeNumber,
    )
    .addOption(
      new Option(
        '--output <file>',
        'write the SQL to a file, and what takes it back to another, for a migration tool',
      ).conflicts('commit'),
    )
    .option('--output-down <file>', 'the other file (default: <name>.down.sql beside <name>.sql)')
    .option('--force', 'replace the files if they are there');
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}
