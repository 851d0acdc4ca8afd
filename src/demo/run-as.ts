import { readFileSync } from 'node:fs';

/** Whom a server process runs as, in the shape that `spawn` takes. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** The overflow id of Linux, which is `nobody` wherever `nobody` has no entry. */
const OVERFLOW_ID = 65_534;

/**
 * Postgres refuses to run as root, so root lends it another user: `postgres` where there is one, else
 * `nobody`. No user is created.
 *
 * @returns `null` for anyone but root, who runs it as themselves
 */
export function serverUser(): RunAs | null {
  if (process.getuid?.() !== 0) return null;
  return chooseServerUser(readPasswd());
}

/** @param passwd the text of `/etc/passwd` */
export function chooseServerUser(passwd: string): RunAs {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = entries.find((entry) => entry[0] === name) ?? [];
    // An entry that is root under another name would only be refused again.
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: OVERFLOW_ID, gid: OVERFLOW_ID };
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}
