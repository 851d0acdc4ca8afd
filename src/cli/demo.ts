import { Command } from 'commander';
import { runDemo } from '../demo/demo.js';

/** `pgcachewatch demo`. Its exit status is 1 if what it shows was not as it should be. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start a Postgres of its own, and show and check the whole path working')
    .action(async () => {
      if (!(await runDemo())) process.exitCode = 1;
    });
}
