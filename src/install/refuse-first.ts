import { sql } from '../sql.js';

/**
 * For PL/pgSQL: an exception with the first row that the query finds.
 *
 * @param query gives `refusal`, `remedy` and `code`, the SQLSTATE
 */
export function refuseFirst(query: string): string {
  // What the file says of its variables makes no sense once they are filled in.
  const indented = query
    .replace(/^(--.*\n)+/, '')
    .trim()
    .replaceAll('\n', '\n    ');
  return sql('install/refuse.sql')
    .replace(':query', () => indented)
    .trim();
}
