import type { Io } from '../../src/cli/io.js';
import { run } from '../../src/cli/program.js';
import { until } from './until.js';

/** What a command line that runs in this process has said so far. */
export interface RunningCommand {
  readonly out: string;
  readonly err: string;
  /** Ctrl-C. */
  interrupt(): void;
  /** Resolves when the pattern is in what was said. */
  said(pattern: string | RegExp): Promise<void>;
  readonly ended: Promise<Said>;
}

/** All that a command line has said. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export function start(args: readonly string[], surroundings: Partial<Io> = {}): RunningCommand {
  const interruption = new AbortController();
  const said = { out: '', err: '' };
  const status = run(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interruption: () => interruption.signal,
    ...surroundings,
  });
  return {
    get out() {
      return said.out;
    },
    get err() {
      return said.err;
    },
    interrupt: () => interruption.abort(),
    said: async (pattern) => {
      const found = () =>
        [said.out, said.err].some((text) =>
          typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text),
        );
      await until(found, `${args.join(' ')} says ${pattern}`, 15_000);
    },
    ended: status.then((code) => ({ status: code, ...said })),
  };
}

/** Runs a command line in this process to its end, and gives all that it said. */
export function cli(...args: readonly string[]): Promise<Said> {
  return start(args).ended;
}
