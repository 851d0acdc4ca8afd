import { escapeLiteral } from 'pg';

/** A query for PL/pgSQL, which wants to be told what to do with its rows: nothing. */
export function executed(query: string): string {
  return `execute ${escapeLiteral(query).trim()};`;
}
