import { Command, Option } from 'commander';
import { type InstallMode, type PublishedColumns, planInstall } from '../install/index.js';
import {
  defaultChannel,
  defaultMaxRows,
  defaultPublication,
  installModes,
  payloadLevels,
  publishedColumns,
  type ReplicaIdentityChoice,
  replicaIdentities,
} from '../install/install-options.js';
import type { PayloadLevel } from '../install/triggers.js';
import { type CarryOutFlags, carryOut } from './carry-out.js';
import { addCarryOutFlags, wholeNumber } from './carry-out-flags.js';
import { installHelp } from './install-help.js';
import type { Io } from './io.js';
import { addTableFlags, selection, type TableFlags } from './table-flags.js';
import { withClient } from './with-client.js';

interface InstallFlags extends TableFlags, CarryOutFlags {
  readonly url?: string;
  readonly mode: InstallMode;
  readonly level?: PayloadLevel;
  readonly always?: boolean;
  readonly channel?: string;
  readonly maxRows?: number;
  readonly allowPreparedTransactions?: boolean;
  readonly publication?: string;
  readonly columns?: PublishedColumns;
  readonly replicaIdentity?: ReplicaIdentityChoice;
  readonly lockTimeout?: number;
}

/** `pgcachewatch install`: says what is to be done, and prints the SQL, writes it to files, or runs it. */
export function installCommand(io: Io): Command {
  const command = new Command('install')
    .description('announce the changes of tables: print the SQL, or run it')
    .argument('[tables...]', 'names as SQL reads them, such as orders, sales.items or \'"Odd Name"\'')
    .addHelpText('after', installHelp);
  addTableFlags(command);
  addModeFlags(command);
  addCarryOutFlags(command);
  return command
    .option('--commit', 'run it, in one transaction')
    .action(async (tables: string[], _, self: Command) => {
      const { url, commit, output, outputDown, force, ...flags } = self.optsWithGlobals<InstallFlags>();
      const { schema, allInSchema, exclude, lockTimeout, ...options } = flags;
      if (tables.length === 0 && allInSchema === undefined) {
        self.error("error: missing required argument 'tables', or --all-in-schema");
      }
      const chosen = selection(tables, { schema, allInSchema, exclude });
      await withClient(url, (client) =>
        carryOut(
          client,
          () => planInstall(client, { ...chosen, ...options, lockTimeoutMs: lockTimeout }),
          { commit, output, outputDown, force },
          io,
        ),
      );
    });
}

// The defaults are only told here, and not set: an option that means nothing in the mode is an error.
function addModeFlags(command: Command): void {
  command
    .addOption(
      new Option('--mode <mode>', 'how: triggers that notify, a publication for replication, or both')
        .choices(installModes)
        .default('notify'),
    )
    .addOption(
      new Option(
        '--level <level>',
        'notify: tell that a table changed, the keys of the rows, or the rows (default: key)',
      ).choices(payloadLevels),
    )
    .option('--always', 'notify: under session_replication_role = replica, too')
    .option('--channel <name>', `notify: the channel (default: ${defaultChannel})`)
    .option(
      '--max-rows <n>',
      `notify: more rows in a transaction count as the whole table (default: ${defaultMaxRows})`,
      wholeNumber,
    )
    .option('--allow-prepared-transactions', 'notify: install where two-phase commit is enabled')
    .option('--publication <name>', `replication: the publication (default: ${defaultPublication})`)
    .addOption(
      new Option(
        '--columns <columns>',
        'replication: publish all columns, or those of the key alone, from PostgreSQL 15 on (default: all)',
      ).choices(publishedColumns),
    )
    .addOption(
      new Option(
        '--replica-identity <identity>',
        'replication: log whole rows, of tables that have no key, or always (default: refuse the former)',
      ).choices(replicaIdentities),
    );
}
