import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What the files of `sql/` call, as far as a search path could lead it elsewhere. */
export interface Called {
  readonly functions: readonly string[];
  readonly operators: readonly string[];
}

/** Operators that have other spellings: IN, IS DISTINCT FROM, CASE x WHEN, USING, BETWEEN, LIKE. */
const SPELT_OTHERWISE = ['=', '<>', '<', '>', '<=', '>=', '~~', '!~~'];

/** Whatever looks like one: a name that is no function of pg_catalog makes no trap. */
export function calledBySql(folder = new URL('../../sql/', import.meta.url).pathname): Called {
  const functions = new Set<string>();
  const operators = new Set(SPELT_OTHERWISE);
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.sql')) continue;
    const text = readFileSync(path.join(folder, file), 'utf8').replace(/--.*$/gm, '');
    for (const [, name = ''] of text.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/g)) functions.add(name);
    // The operators within texts that are run later count, too.
    for (const [operator] of text.matchAll(/[-+*/<>=~!@#%^&|`?]+/g)) operators.add(operator);
  }
  return { functions: [...functions].sort(), operators: [...operators].sort() };
}
