import { PgCacheWatchError } from '../errors.js';
import type { NamedRelation, TableTrees, TreeMember } from './table-trees.js';

export const KINDS: Readonly<Record<string, string>> = {
  v: 'a view: watch the tables that it reads',
  m: 'a materialized view, and nothing tells when it is refreshed',
  f: 'a foreign table, whose rows change on another server',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
  c: 'a composite type',
  t: 'a TOAST table',
};

/** An `UNWATCHABLE` for everything that can be watched in neither way. */
export function unwatchable({ named, trees }: TableTrees): PgCacheWatchError[] {
  const reasons = new Set(named.flatMap(reasonsAgainstRelation));
  // What is no table has no tree worth a look.
  if (reasons.size === 0) {
    for (const member of trees.flat()) for (const reason of reasonsAgainstMember(member)) reasons.add(reason);
  }
  return [...reasons].map(cannotBeWatched);
}

function reasonsAgainstRelation({ name, kind, temporary, system }: NamedRelation): string[] {
  if (system) return [`${name} belongs to the system, and its changes are announced to nobody`];
  if (temporary) return [`${name} is a temporary table, which no other session can read`];
  const reason = KINDS[kind];
  return reason === undefined ? [] : [`${name} is ${reason}`];
}

function reasonsAgainstMember({ name, kind, temporary, roots }: TreeMember): string[] {
  if (temporary) return [];
  // Its rows change on another server, which fires no trigger here and writes no WAL of ours. One that is attached later
  // does not make a statement fail: the tree is not watched then.
  if (kind === 'f') return [`${name} is a foreign table, and part of a table that would be watched`];
  if (roots > 1) return [`${name} inherits from several tables, and its changes are changes of all of them`];
  return [];
}

export function cannotBeWatched(reason: string): PgCacheWatchError {
  return new PgCacheWatchError('UNWATCHABLE', reason, {
    remedy: 'Leave it out, or depend on tables that can be watched.',
  });
}
