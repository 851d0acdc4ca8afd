import { readFileSync } from 'node:fs';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { PgCacheWatchError } from './errors.js';

const folder = new URL('../sql/', import.meta.url);
const texts = new Map<string, string>();

/**
 * Reads a file of `sql/` and fills in its variables, which are written as psql writes them, so that a
 * file can also be run by hand: `:"name"` becomes a quoted identifier, `:'name'` a quoted literal.
 *
 * @param file the path below `sql/`, such as `notify/triggers.sql`
 * @throws PgCacheWatchError `BAD_OPTION` for a variable that has no value
 */
export function sql(file: string, variables: Readonly<Record<string, string>> = {}): string {
  return read(file).replace(/(?<=^|[\s(.,]):(["'])([a-z_]+)\1/gm, (_, quote: string, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) throw new PgCacheWatchError('BAD_OPTION', `sql/${file}: no value for ${name}`);
    return quote === '"' ? escapeIdentifier(value) : escapeLiteral(value);
  });
}

/** Each file is read once: they belong to the package, and do not change under it. */
function read(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(file, folder), 'utf8');
  texts.set(file, text);
  return text;
}
