import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** Compiles the package for a program that runs in a process of its own; returns the module to import. */
export async function buildOnce(): Promise<string> {
  // Below the package, so that it finds the dependencies and the SQL.
  const folder = mkdtempSync(path.join(root, 'node_modules', '.pgcachewatch-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(
    process.execPath,
    [tsc, '-p', 'tsconfig.build.json', '--outDir', path.join(folder, 'dist')],
    {
      cwd: root,
    },
  );
  symlinkSync(path.join(root, 'sql'), path.join(folder, 'sql'));
  return path.join(folder, 'dist/index.js');
}
