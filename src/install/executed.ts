import { escapeLiteral } from 'pg';
import { sql } from '../sql.js';

/** A query for PL/pgSQL, which wants to be told what to do with its rows: nothing. */
export function executed(query: string): string {
  return `execute ${escapeLiteral(query).trim()};`;
}

/** That the server allows UPDATE and DELETE on a table, for PL/pgSQL. */
export function writersChecked({ schema, table }: { schema: string; table: string }): string {
  return executed(sql('install/check-writers.sql', { schema, table }).trim());
}
