import { Command, InvalidArgumentError } from 'commander';
import { followStatus } from '../status/follow-status.js';
import { readStatus } from '../status/read-status.js';
import type { Io } from './io.js';
import { StatusOutput } from './status-output.js';
import { open, withClient } from './with-client.js';

interface StatusFlags {
  readonly url?: string;
  readonly watch?: number | true;
  readonly json?: boolean;
}

const DEFAULT_SECONDS = 2;
const MOST_SECONDS = 86_400;

const AFTER_HELP = `
It only reads, as any role, on a primary or a standby, and through a pooler;
what the role may not see is said. Slots are those of this database with the
plugin pgoutput. Whose slots and connections they are is told by their names
(application_name), which a connection string can change. Ctrl-C ends --watch,
with exit status 0.

Examples:
  pgcachewatch status
  pgcachewatch status --watch 5
  pgcachewatch status --json | jq '.slots[] | select(.held_bytes > 1e9)'`;

/** `pgcachewatch status`: what is installed, and who listens. */
export function statusCommand(io: Io): Command {
  return new Command('status')
    .description('show what is installed where, slots and their WAL, and who listens')
    .option(
      '--watch [seconds]',
      `show it again and again, every ${DEFAULT_SECONDS} seconds or so many`,
      seconds,
    )
    .option('--json', 'one JSON object; with --watch, one a line')
    .addHelpText('after', AFTER_HELP)
    .action(async (_, command: Command) => {
      const { url, watch, json = false } = command.optsWithGlobals<StatusFlags>();
      const output = new StatusOutput(io, json);
      if (watch === undefined) {
        await withClient(url, async (client) => output.once(await readStatus(client)));
        return;
      }
      const everyMs = (watch === true ? DEFAULT_SECONDS : watch) * 1000;
      const signal = io.interruption();
      for await (const each of followStatus({ open: () => open(url, signal), everyMs, signal })) {
        if (each instanceof Error) output.failed(each);
        else output.next(each);
      }
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 0.1 && value <= MOST_SECONDS) return value;
  throw new InvalidArgumentError(`It is not a number of seconds from 0.1 to ${MOST_SECONDS}.`);
}
