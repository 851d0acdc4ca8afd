import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { ExitStatus } from './exit-status.js';
import { installCommand } from './install.js';
import type { Io } from './io.js';
import { reportError } from './report-error.js';
import { uninstallCommand } from './uninstall.js';

const FAILURE = 1;
const USAGE = 2;

/** Runs the command line and gives the exit status: 0, 1 where it failed, 2 where it made no sense. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    await program(io).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has written its own message already; help and --version come this way, too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof ExitStatus) return error.status;
    reportError(error, io);
    return FAILURE;
  }
}

function program(io: Io): Command {
  const command = new Command('pgcachewatch')
    .description('Install what announces committed changes to caches, and see it work.')
    .version(version())
    .option('--url <url>', 'the database; default: DATABASE_URL, then PGHOST, PGUSER and the like')
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(pgcachewatch --help says what there is)')
    .exitOverride();
  for (const each of [installCommand(io), uninstallCommand(io), doctorCommand(io), demoCommand()]) {
    command.addCommand(each.copyInheritedSettings(command));
  }
  return command;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found: unknown = JSON.parse(text, (key, value: unknown) =>
    key === '' && typeof value === 'object' && value !== null && 'version' in value ? value.version : value,
  );
  return String(found);
}
