import { Command, InvalidArgumentError, Option } from 'commander';
import type { Operation } from '../changes/change-event.js';
import { defaultChannel, defaultPublication } from '../install/install-options.js';
import { listen } from '../listen/listen.js';
import type { SourceMode } from '../sources/change-source.js';
import type { SourceOptions } from '../sources/source-options.js';
import type { Io } from './io.js';
import { ListenOutput } from './listen-output.js';
import { notConnected } from './with-client.js';

interface ListenFlags {
  readonly url?: string;
  readonly table?: readonly string[];
  readonly operation?: readonly Operation[];
  readonly mode: SourceMode | 'auto';
  readonly publication?: string;
  readonly slot?: string;
  readonly channel?: string;
  readonly count?: number;
  readonly json?: boolean;
  readonly rate?: boolean;
}

const operations: readonly Operation[] = ['insert', 'update', 'delete', 'truncate'];
const modes: readonly ListenFlags['mode'][] = ['auto', 'notify', 'replication'];

const AFTER_HELP = `
A change is a line on standard output: the time it was heard, the operation, the
table, the key, and how long it took from the database to here (by two clocks).
All else is said on standard error: what is listened to, gaps (changes may have
been missed), errors. Ctrl-C ends it, with exit status 0; so does a reader that
has gone (| head -1), at the next change, which is when it shows. To end without
one, use --count: then, to be ended earlier is a failure.

Examples:
  pgcachewatch listen                                     everything that is installed
  pgcachewatch listen orders --operation delete           what is deleted from orders
  pgcachewatch listen --json | jq .key                    one JSON object a line
  pgcachewatch listen orders --count 1 && ./refresh.sh    wait for a change`;

/** `pgcachewatch listen`: prints changes as they happen. */
export function listenCommand(io: Io): Command {
  return new Command('listen')
    .description('print changes as they happen, a line each')
    .argument('[tables...]', 'names as SQL reads them; default: everything that is installed')
    .option(
      '--table <name>',
      // Not variadic: it would take what follows for tables.
      'the same as an argument; as often as needed',
      (name, before: readonly string[] = []) => [...before, name],
    )
    .addOption(
      new Option('--operation <operation>', 'only these; as often as needed')
        .choices(operations)
        .argParser(collectedOf(operations)),
    )
    .addOption(
      new Option('--mode <mode>', 'the source; auto: what the server allows').choices(modes).default('auto'),
    )
    .option('--channel <name>', `notify: the channel (default: ${defaultChannel})`)
    .option('--publication <name>', `replication: the publication (default: ${defaultPublication})`)
    .option('--slot <name>', 'replication: a durable slot, which stays (default: a temporary one)')
    .option('--count <n>', 'end after so many changes', positiveNumber)
    .option('--json', 'one JSON object a line')
    .option('--rate', 'tell how many changes come a second even if standard error is no terminal')
    .addHelpText('after', AFTER_HELP)
    .action(async (tables: string[], _, command: Command) => {
      const flags = command.optsWithGlobals<ListenFlags>();
      const { count } = flags;
      refuseForeign(command, flags);
      const output = new ListenOutput(io, { json: flags.json ?? false, rate: flags.rate ?? false });
      try {
        const signal = io.interruption();
        const source = sourceOptions(tables, flags);
        const wanted = flags.operation && new Set(flags.operation);
        const options = { source, operations: wanted, count, signal, notConnected };
        const told = await listen(options, output);
        if (count !== undefined && told < count) throw new Error(`Ended after ${told} of ${count} changes`);
      } finally {
        output.end();
      }
      if (flags.slot !== undefined) output.slotStays(flags.slot);
    });
}

function sourceOptions(tables: readonly string[], flags: ListenFlags): SourceOptions {
  const { url, table = [], mode, channel, publication, slot } = flags;
  const named = [...tables, ...table];
  return {
    connection: url,
    mode,
    tables: named.length > 0 ? named : undefined,
    notify: { channel },
    replication: { publication, slot: slot === undefined ? undefined : { name: slot } },
  };
}

/** What means nothing to the other mode was meant to have an effect. */
function refuseForeign(command: Command, { mode, channel, publication, slot }: ListenFlags): void {
  const given = Object.entries(mode === 'notify' ? { publication, slot } : { channel });
  if (mode === 'auto') return;
  for (const [name, value] of given) {
    if (value !== undefined) command.error(`error: --${name} means nothing with --mode ${mode}`);
  }
}

function collectedOf<T extends string>(possible: readonly T[]) {
  return (text: string, before: readonly T[] = []): readonly T[] => {
    const value = possible.find((each) => each === text);
    if (value === undefined) throw new InvalidArgumentError(`Allowed choices are ${possible.join(', ')}.`);
    return [...before, value];
  };
}

function positiveNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.');
  return Number(text);
}
