import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { asError, PgCacheWatchError } from '../errors.js';
import type { Plan } from '../install/index.js';
import type { Io } from './io.js';

export interface MigrationFlags {
  readonly output?: string | undefined;
  readonly outputDown?: string | undefined;
  readonly force?: boolean | undefined;
}

interface MigrationFiles {
  readonly up: string;
  readonly down: string;
  /** Whether files that are there may be replaced. */
  readonly force: boolean;
}

/**
 * Where a migration is to be written; `null`: nowhere.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function migrationFiles({ output, outputDown, force }: MigrationFlags): MigrationFiles | null {
  if (output === undefined) {
    if (outputDown !== undefined) throw needsOutput('--output-down');
    if (force) throw needsOutput('--force');
    return null;
  }
  const down = outputDown ?? downFile(output);
  if (path.resolve(down) === path.resolve(output)) {
    throw new PgCacheWatchError('BAD_OPTION', `--output and --output-down are one file, ${output}`, {
      remedy: 'Give each its own.',
    });
  }
  return { up: output, down, force: force ?? false };
}

/** `x.sql` goes with `x.down.sql`, and so does `x.up.sql`, as several tools have it. */
export function downFile(up: string): string {
  return `${up.replace(/(\.up)?\.sql$/i, '')}.down.sql`;
}

/** Writes both files or neither. */
export async function writeMigration(plan: Plan, files: MigrationFiles, io: Io): Promise<void> {
  const { up, down, force } = files;
  if (plan.statements.length === 0) {
    io.out('Nothing to do: no file is written.\n');
    return;
  }
  const written: string[] = [];
  try {
    for (const [file, text] of [
      [down, plan.down],
      [up, plan.sql],
    ] as const) {
      const target = force ? `${file}.${process.pid}.new` : file;
      await write(target, text, file);
      written.push(target);
    }
    if (force) for (const [i, file] of [down, up].entries()) await rename(written[i] ?? file, file);
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    throw error;
  }
  io.out(`written: ${up}\nwritten: ${down}\n`);
}

/** Fails where the file is there. */
async function write(target: string, text: string, file: string): Promise<void> {
  try {
    const handle = await open(target, 'wx');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new PgCacheWatchError(
      'BAD_OPTION',
      exists ? `${file} is there already` : `Could not write ${file}: ${asError(error).message}`,
      {
        cause: error,
        remedy: exists
          ? 'Give another name, or --force to replace it.'
          : 'Give the name of a file that can be.',
      },
    );
  }
}

function needsOutput(flag: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', `${flag} means nothing without --output`, {
    remedy: 'Give --output <file>, or leave it out.',
  });
}
