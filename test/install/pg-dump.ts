import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestDatabase } from '../support/database.js';

const run = promisify(execFile);

/** The server's version by pg_dump; `null` where there is none, or it is older than the server and refuses. */
export async function pgDumpFor(
  serverVersion: number,
): Promise<((db: TestDatabase) => Promise<string>) | null> {
  const found = await run('pg_dump', ['--version']).catch(() => null);
  const major = Number(/ (\d+)/.exec(found?.stdout ?? '')?.[1] ?? 0);
  if (major < Math.floor(serverVersion / 10_000)) return null;
  return async (db) => {
    const { stdout } = await run('pg_dump', ['--schema-only', db.url], { maxBuffer: 100_000_000 });
    // A key of its own each time, against tampering: \restrict and \unrestrict.
    return stdout.replace(/^\\(un)?restrict .*$/gm, '');
  };
}
