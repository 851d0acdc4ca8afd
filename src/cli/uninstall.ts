import { Command, Option } from 'commander';
import { type InstallMode, planUninstall } from '../install/index.js';
import { installModes } from '../install/install-options.js';
import { type CarryOutFlags, carryOut } from './carry-out.js';
import { addCarryOutFlags } from './carry-out-flags.js';
import { uninstallHelp } from './install-help.js';
import type { Io } from './io.js';
import { addTableFlags, repeated, selection, type TableFlags } from './table-flags.js';
import { withClient } from './with-client.js';

interface UninstallFlags extends TableFlags, CarryOutFlags {
  readonly url?: string;
  readonly mode: InstallMode;
  readonly publication?: string;
  readonly slot?: readonly string[];
  readonly lockTimeout?: number;
}

/** `pgcachewatch uninstall`: says what is to be done, and prints the SQL, writes it to files, or runs it. */
export function uninstallCommand(io: Io): Command {
  const command = new Command('uninstall')
    .description('announce them no longer, and leave nothing behind: print the SQL, or run it')
    .argument('[tables...]', 'names as SQL reads them; default: everything that was installed')
    .addHelpText('after', uninstallHelp);
  addTableFlags(command);
  command
    .addOption(
      new Option('--mode <mode>', 'remove the triggers, the publication, or both')
        .choices(installModes)
        .default('both'),
    )
    .option('--publication <name>', 'the publication (default: every one that install has made)')
    .option(
      '--slot <name>',
      'a replication slot to drop, too, unless it is being read; may be repeated (default: those whose name begins with pgcachewatch)',
      repeated,
    );
  addCarryOutFlags(command);
  return command
    .option('--commit', 'run it, in one transaction; slots are dropped after it')
    .action(async (tables: string[], _, self: Command) => {
      const { url, commit, output, outputDown, force, ...flags } = self.optsWithGlobals<UninstallFlags>();
      const { schema, allInSchema, exclude, lockTimeout, slot, ...options } = flags;
      const chosen = selection(tables, { schema, allInSchema, exclude });
      await withClient(url, (client) =>
        carryOut(
          client,
          () => planUninstall(client, { ...chosen, ...options, slots: slot, lockTimeoutMs: lockTimeout }),
          { commit, output, outputDown, force },
          io,
        ),
      );
    });
}
