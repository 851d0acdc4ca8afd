import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { refuseFirst } from './refuse-first.js';
import { asStatement } from './script.js';
import type { Step } from './step.js';

/** A role that could replace what our triggers run, and is not to be trusted with that. */
export interface UntrustedOwner {
  /** A sentence without a full stop. */
  readonly refusal: string;
  /** What a superuser can run against it. */
  readonly statement: string;
  /** Whether all watched tables are that role's own. */
  readonly owns_tables: boolean;
}

/** The SQLSTATE of {@link checkOwners}, of a class that the server does not use. */
export const UNTRUSTED_OWNER_STATE = 'PCW01';

export async function readUntrustedOwners(client: Client): Promise<UntrustedOwner[]> {
  const { rows } = await client.query<UntrustedOwner>(sql('install/untrusted-owners.sql'));
  return rows;
}

/** `null`: nobody stands against it. */
export function untrustedOwner(found: readonly UntrustedOwner[]): PgCacheWatchError | null {
  if (found.length === 0) return null;
  const statements = found.map(({ statement }) => statement).join(' ');
  return new PgCacheWatchError('UNTRUSTED_OWNER', found.map(({ refusal }) => refusal).join('. '), {
    remedy: `Make sure of what is in the schema pgcachewatch, then run as a superuser: ${statements}`,
  });
}

/** A last look before the commit, when the schema and the functions are there: whoever made them first owns them. */
export function checkOwners(): Step {
  const check = refuseFirst(sql('install/untrusted-owners.sql'));
  return {
    purpose: 'check who owns the schema pgcachewatch and the functions in it',
    needs: 'Run it again.',
    statement: asStatement(check),
    script: check,
    undo: null,
    lock: null,
  };
}
