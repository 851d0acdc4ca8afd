import { Command, InvalidArgumentError, Option } from 'commander';
import { planInstall } from '../install/index.js';
import { defaultChannel, defaultMaxRows, payloadLevels } from '../install/install-options.js';
import type { PayloadLevel } from '../install/triggers.js';
import { carryOut } from './carry-out.js';
import type { Io } from './io.js';
import { withClient } from './with-client.js';

interface InstallFlags {
  readonly url?: string;
  readonly mode: 'notify';
  readonly level: PayloadLevel;
  readonly always?: boolean;
  readonly channel: string;
  readonly maxRows: number;
  readonly allowPreparedTransactions?: boolean;
  readonly commit?: boolean;
}

/** `pgcachewatch install`: prints the SQL, or runs it. */
export function installCommand(io: Io): Command {
  return new Command('install')
    .description('announce the changes of tables: print the SQL, or run it')
    .argument('<tables...>', 'names as SQL reads them, such as orders, sales.items or \'"Odd Name"\'')
    .addOption(new Option('--mode <mode>', 'how changes are announced').choices(['notify']).default('notify'))
    .addOption(
      new Option('--level <level>', 'tell that a table changed, the keys of the rows, or the rows')
        .choices(payloadLevels)
        .default('key'),
    )
    .option('--always', 'announce under session_replication_role = replica, too')
    .option('--channel <name>', 'the channel to notify', defaultChannel)
    .option(
      '--max-rows <n>',
      'more rows in a statement count as the whole table',
      wholeNumber,
      defaultMaxRows,
    )
    .option('--allow-prepared-transactions', 'install where two-phase commit is enabled')
    .option('--commit', 'run it, in one transaction')
    .action(async (tables: string[], _, command: Command) => {
      const { url, commit = false, ...options } = command.optsWithGlobals<InstallFlags>();
      await withClient(url, async (client) => {
        await carryOut(client, await planInstall(client, { tables, ...options }), commit, io);
      });
    });
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}
