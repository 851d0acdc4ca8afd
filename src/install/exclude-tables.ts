import { PgCacheWatchError } from '../errors.js';
import { parseTableName } from '../sources/table-name.js';
import { didYouMean, nearest } from './near-names.js';
import type { TableTrees, TreeMember } from './table-trees.js';

type Tree = readonly TreeMember[];

export interface Remaining {
  readonly found: TableTrees;
  readonly wrong: readonly PgCacheWatchError[];
}

/**
 * Leaves the excluded tables out. A root goes with all its parts; a part only where nothing else of its tree
 * was asked for, for a tree is watched as a whole.
 *
 * @param names as SQL reads them; without a schema, that of a table in any schema
 */
export function excludeTables(found: TableTrees, names: readonly string[]): Remaining {
  if (names.length === 0) return { found, wrong: [] };
  const wrong: PgCacheWatchError[] = [];
  const excluded = new Set<number>();
  for (const given of new Set(names)) {
    try {
      const matching = matches(found.trees.flat(), given);
      if (matching.length === 0) wrong.push(noMatch(found, given));
      for (const { oid } of matching) excluded.add(oid);
    } catch (error) {
      if (!(error instanceof PgCacheWatchError)) throw error;
      wrong.push(error);
    }
  }
  const named = new Set(found.named.map(({ oid }) => oid));
  const stays = (tree: Tree) =>
    !excluded.has(tree[0]?.oid ?? 0) && tree.some(({ oid }) => named.has(oid) && !excluded.has(oid));
  const trees = found.trees.filter(stays);
  for (const tree of trees) wrong.push(...tree.filter(({ oid }) => excluded.has(oid)).map(partOf(tree)));
  const roots = new Set(trees.map(([root]) => root?.oid));
  return { found: { named: found.named.filter(({ root }) => roots.has(root)), trees }, wrong };
}

function matches(members: readonly TreeMember[], given: string): TreeMember[] {
  const { schema, table } = parseTableName(given);
  return members.filter((each) => each.table === table && (schema === null || each.schema === schema));
}

function noMatch({ trees }: TableTrees, given: string): PgCacheWatchError {
  const candidates = trees.flat().map(({ name, schema, table }) => ({ written: name, schema, table }));
  return new PgCacheWatchError(
    'NO_SUCH_TABLE',
    `To exclude ${given} has no effect: it is not among the tables`,
    {
      remedy: didYouMean(nearest(given, candidates), 'Leave it out, or check the name and the schema.'),
    },
  );
}

function partOf([root]: Tree): (member: TreeMember) => PgCacheWatchError {
  return ({ name }) =>
    new PgCacheWatchError('BAD_OPTION', `${name} cannot be excluded: it is part of ${root?.name}`, {
      remedy: `A table is watched with all its parts: exclude ${root?.name}, or nothing of it.`,
    });
}
