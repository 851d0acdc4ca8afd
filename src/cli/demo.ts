import { Command, Option } from 'commander';
import { runDemo } from '../demo/demo.js';
import type { InstallMode } from '../install/index.js';
import { installModes } from '../install/install-options.js';

/** `pgcachewatch demo`. Its exit status is 1 if what it shows was not as it should be. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start a Postgres of its own, and show and check the whole path working')
    .addOption(
      new Option('--mode <mode>', 'which sources to show; both: side by side')
        .choices(installModes)
        .default('both'),
    )
    .addHelpText(
      'after',
      `
Nothing has to be installed or running for it, and nothing is left of it. It
takes no connection: --url and the like are not looked at. Exit status 1:
something was not as it should be.

Examples:
  pgcachewatch demo
  pgcachewatch demo --mode replication`,
    )
    .action(async ({ mode }: { readonly mode: InstallMode }) => {
      if (!(await runDemo({ mode }))) process.exitCode = 1;
    });
}
