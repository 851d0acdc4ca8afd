import type { Client } from 'pg';
import { sql } from '../sql.js';
import { refuseFirst } from './refuse-first.js';
import { textArray } from './text-array.js';

/** That the server refuses UPDATE or DELETE on a table, because of a publication that it is in. */
export interface Refusal {
  readonly oid: number;
  /** Qualified, and quoted where SQL needs it. */
  readonly name: string;
  readonly publication: string;
  readonly refuses_update: boolean;
  readonly refuses_delete: boolean;
  /** The SQLSTATE that its writers would get. */
  readonly code: string;
  /** A sentence without a full stop, as the remedy. */
  readonly refusal: string;
  readonly remedy: string;
}

/** The code of a refusal because a table has no replica identity at all (object_not_in_prerequisite_state). */
export const NO_IDENTITY = '55000';

/**
 * What the server refuses to writers of the tables and of those below them, read from the catalog.
 *
 * @param tables their names: qualified, and quoted where SQL needs it
 * @param full those that are judged as if they had REPLICA IDENTITY FULL
 */
export async function readRefusals(
  client: Pick<Client, 'query'>,
  tables: readonly string[],
  full: readonly string[] = [],
): Promise<Refusal[]> {
  const { rows } = await client.query<Refusal>(refusedWriters(tables, full));
  return rows;
}

/** For PL/pgSQL: an exception if the server would refuse UPDATE or DELETE on one of the tables. */
export function checkWriters(tables: readonly string[]): string {
  return refuseFirst(refusedWriters(tables, []));
}

function refusedWriters(tables: readonly string[], full: readonly string[]): string {
  return sql('install/refused-writers.sql', { tables: textArray(tables), full: textArray(full) });
}
