import { Command, Option } from 'commander';
import { examine, printReport, type Report, sourceOptions } from '../doctor/index.js';
import { defaultChannel, defaultPublication } from '../install/install-options.js';
import { ExitStatus } from './exit-status.js';
import type { Io } from './io.js';
import { withClient } from './with-client.js';

interface DoctorFlags {
  readonly url?: string;
  readonly mode: 'notify' | 'replication' | 'auto';
  readonly publication?: string;
  readonly channel?: string;
  readonly slot?: string;
  readonly json?: boolean;
}

const DOES_NOT_WORK = 1;
const COULD_NOT_LOOK = 2;

const EXAMPLES = `
Examples:
  pgcachewatch doctor                                  whatever is installed
  pgcachewatch doctor orders sales.items               would these tables be watched?
  pgcachewatch doctor --mode replication --slot shop   a durable slot, and what it holds
  pgcachewatch doctor --json | jq '.findings[] | select(.level == "failure")'

It changes nothing. Exit status: 0 where the mode works, 1 where it does not, 2 where it could not look (no
connection, no such table, something that the role may not see).
`;

/** `pgcachewatch doctor`: whether the modes work here, what can go wrong, and what to do about it. */
export function doctorCommand(io: Io): Command {
  return new Command('doctor')
    .description('say what each mode needs, what is there, what can go wrong, and the remedy')
    .argument('[tables...]', 'names as SQL reads them; default: everything that is installed')
    .addOption(
      new Option('--mode <mode>', 'which source; auto: both, and which of them it would take')
        .choices(['notify', 'replication', 'auto'])
        .default('auto'),
    )
    .option('--publication <name>', `replication: the publication (default: ${defaultPublication})`)
    .option('--channel <name>', `notify: the channel (default: ${defaultChannel})`)
    .option('--slot <name>', 'replication: the durable slot (default: a temporary one)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (tables: string[], _, command: Command) => {
      const report = await look(tables, command.optsWithGlobals<DoctorFlags>());
      const { json = false } = command.opts<DoctorFlags>();
      io.out(json ? `${JSON.stringify(report, null, 2)}\n` : printReport(report, io.colors));
      if (!report.verdict.works) throw new ExitStatus(DOES_NOT_WORK);
      if (report.unseen.length > 0) throw new ExitStatus(COULD_NOT_LOOK);
    });
}

async function look(tables: readonly string[], flags: DoctorFlags): Promise<Report> {
  const { url, mode, publication, channel, slot } = flags;
  try {
    const options = sourceOptions({
      connection: url,
      mode,
      tables: tables.length > 0 ? tables : undefined,
      publication,
      channel,
      slot,
    });
    return await withClient(url, (client) => examine(client, options));
  } catch (error) {
    throw new ExitStatus(COULD_NOT_LOOK, error);
  }
}
