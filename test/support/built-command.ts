import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** A process, and what it has said so far. */
export interface RunningProcess {
  readonly process: ChildProcess;
  readonly out: string;
  readonly err: string;
  /** Resolves when the pattern is in what was said. */
  said(pattern: RegExp): Promise<void>;
  /** Resolves when it and its streams have ended; `status` is `null` after a signal. */
  readonly ended: Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>;
}

/** The command as it is installed, from the sources as they are now. */
export interface BuiltCommand {
  /** To be put before the arguments, in a shell. */
  readonly shellWords: string;
  /** Where it is: what is put there finds the dependencies. */
  readonly folder: string;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): RunningProcess;
  /** A line of `sh`. */
  shell(line: string, env?: NodeJS.ProcessEnv): RunningProcess;
  remove(): Promise<void>;
}

/** Compiles into a folder of its own: `dist` may be old, and another test may be writing it. */
export async function buildCommand(): Promise<BuiltCommand> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-built-'));
  await copyFile(path.join(repository, 'package.json'), path.join(folder, 'package.json'));
  for (const name of ['sql', 'node_modules']) {
    await symlink(path.join(repository, name), path.join(folder, name), 'junction');
  }
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const project = path.join(repository, 'tsconfig.build.json');
  const options = ['-p', project, '--outDir', path.join(folder, 'dist'), '--noCheck'];
  const { status, out, err } = await follow(spawn(process.execPath, [compiler, ...options])).ended;
  if (status !== 0) throw new Error(`The command does not compile: ${out}${err}`);
  const program = path.join(folder, 'dist/cli/pgcachewatch.js');
  return {
    folder,
    shellWords: `'${process.execPath}' '${program}'`,
    start: (args, env = {}) => follow(spawn(process.execPath, [program, ...args], { env: clean(env) })),
    shell: (line, env = {}) => follow(spawn('sh', ['-c', line], { env: clean(env) })),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Nothing about colours, connections or tests but what is given. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(PG|DATABASE_URL$|NO_COLOR$|FORCE_COLOR$|CI$|NODE_|VITEST)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), TERM: 'xterm', ...env };
}

function follow(child: ChildProcess): RunningProcess {
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  return {
    process: child,
    get out() {
      return said.out;
    },
    get err() {
      return said.err;
    },
    said: async (pattern) => {
      const found = () => pattern.test(said.out) || pattern.test(said.err);
      await until(found, `it says ${pattern}`, 15_000);
    },
    ended: status.then((code) => ({ status: code, ...said })),
  };
}
