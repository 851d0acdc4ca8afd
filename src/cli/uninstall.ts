import { Command, Option } from 'commander';
import { type InstallMode, planUninstall } from '../install/index.js';
import { installModes } from '../install/install-options.js';
import { carryOut } from './carry-out.js';
import type { Io } from './io.js';
import { withClient } from './with-client.js';

interface UninstallFlags {
  readonly url?: string;
  readonly mode: InstallMode;
  readonly publication?: string;
  readonly slot?: readonly string[];
  readonly commit?: boolean;
}

/** `pgcachewatch uninstall`: prints the SQL, or runs it. */
export function uninstallCommand(io: Io): Command {
  return new Command('uninstall')
    .description('announce them no longer, and leave nothing behind: print the SQL, or run it')
    .argument('[tables...]', 'names as SQL reads them; default: everything that was installed')
    .addOption(
      new Option('--mode <mode>', 'remove the triggers, the publication, or both')
        .choices(installModes)
        .default('both'),
    )
    .option('--publication <name>', 'the publication (default: every one that install has made)')
    .option(
      '--slot <name>',
      'a replication slot to drop, too, unless it is being read; as often as needed (default: those whose name begins with pgcachewatch)',
      // Not variadic: it would take the tables that follow for slots.
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option('--commit', 'run it, in one transaction; slots are dropped after it')
    .action(async (tables: string[], _, command: Command) => {
      const { url, commit = false, slot, ...options } = command.optsWithGlobals<UninstallFlags>();
      await withClient(url, async (client) => {
        await carryOut(client, await planUninstall(client, { tables, slots: slot, ...options }), commit, io);
      });
    });
}
