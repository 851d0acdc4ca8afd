import { Command } from 'commander';
import { planUninstall } from '../install/index.js';
import { carryOut } from './carry-out.js';
import type { Io } from './io.js';
import { withClient } from './with-client.js';

interface UninstallFlags {
  readonly url?: string;
  readonly commit?: boolean;
}

/** `pgcachewatch uninstall`: prints the SQL, or runs it. */
export function uninstallCommand(io: Io): Command {
  return new Command('uninstall')
    .description('announce them no longer, and leave nothing behind: print the SQL, or run it')
    .argument('[tables...]', 'names as SQL reads them; default: everything that was installed')
    .option('--commit', 'run it, in one transaction')
    .action(async (tables: string[], _, command: Command) => {
      const { url, commit = false } = command.optsWithGlobals<UninstallFlags>();
      await withClient(url, async (client) => {
        await carryOut(client, await planUninstall(client, { tables }), commit, io);
      });
    });
}
