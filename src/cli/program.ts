import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { completionCommand } from './completion.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { ExitStatus } from './exit-status.js';
import { installCommand } from './install.js';
import { type Io, plainIo } from './io.js';
import { listenCommand } from './listen.js';
import { errorReport, reportError } from './report-error.js';
import { statusCommand } from './status.js';
import { uninstallCommand } from './uninstall.js';

const FAILURE = 1;
const USAGE = 2;
const NO_TERMINAL_COLUMNS = 80;

const AFTER_HELP = `
The connection is --url, else DATABASE_URL, else PGHOST, PGPORT, PGUSER,
PGDATABASE and PGPASSWORD, with .pgpass (or PGPASSFILE) for the password and
PGSSLMODE, or ?sslmode= in the URL, for TLS.

Exit status: 0, done, or ended by Ctrl-C where that is how a command ends; 1,
failed; 2, a command line that makes no sense, or the doctor could not look. Colours are for terminals, and
not where NO_COLOR is set.

Examples:
  pgcachewatch install orders --commit        have the changes of orders announced
  pgcachewatch listen                         see them come
  pgcachewatch doctor                         see what would work, and what is missing
  pgcachewatch status                         see what is installed, and who listens
  pgcachewatch uninstall --commit             leave nothing behind`;

/** Runs the command line and gives the exit status: 0, 1 where it failed, 2 where it made no sense. */
export async function run(
  args: readonly string[],
  given: Pick<Io, 'out' | 'err'> & Partial<Io>,
): Promise<number> {
  const report = errorReport(args);
  const io = plainIo(given);
  try {
    await program(io, report.redact).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has written its own message already; help and --version come this way, too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof ExitStatus) {
      if (error.cause !== undefined) reportError(error.cause, io, report);
      return error.status;
    }
    reportError(error, io, report);
    return FAILURE;
  }
}

function program(io: Io, redact: (text: string) => string): Command {
  const command = new Command('pgcachewatch')
    .description('Install what announces committed changes to caches, and see it work.')
    .version(version())
    .option('--url <url>', 'the database; default: DATABASE_URL, then PGHOST, PGUSER and the like')
    .option('--debug', 'tell where an error was thrown, too')
    // What cannot be understood is repeated in the message, and it can be a URL with a password.
    .configureOutput({
      writeOut: io.out,
      writeErr: (text) => io.err(redact(text)),
      getOutHelpWidth: () => io.outScreen?.columns ?? NO_TERMINAL_COLUMNS,
      getErrHelpWidth: () => io.errScreen?.columns ?? NO_TERMINAL_COLUMNS,
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(pgcachewatch --help says what there is)')
    .addHelpText('after', AFTER_HELP)
    .exitOverride();
  const commands = [
    installCommand(io),
    uninstallCommand(io),
    doctorCommand(io),
    statusCommand(io),
    listenCommand(io),
    demoCommand(),
    completionCommand(io),
  ];
  for (const each of commands) command.addCommand(each.copyInheritedSettings(command));
  return command;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found: unknown = JSON.parse(text, (key, value: unknown) =>
    key === '' && typeof value === 'object' && value !== null && 'version' in value ? value.version : value,
  );
  return String(found);
}
