import { run } from '../../src/cli/program.js';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line and gives all that it said. */
export async function cli(...args: readonly string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const status = await run(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { status, ...said };
}
