/** A table's replica identity before it was set to FULL by us. */
export interface IdentityBefore {
  /** `null` where it was written by a script, which may be run in another database: the name counts. */
  readonly oid: number | null;
  /** Qualified, and quoted where SQL needs it. */
  readonly table: string;
  readonly was: 'default' | 'nothing';
}

/** A publication whose comment begins like this is ours. */
export const MARK = 'Announces committed changes to caches (npm package pgcachewatch)';

const MEMORY = 'Replica identity before: ';

export function isOurs(comment: string | null): boolean {
  return comment?.startsWith(MARK) ?? false;
}

/**
 * The comment on a publication of ours. It also remembers which replica identities have to be put back: no
 * other place of ours goes away with the publication, and comments on tables are their owners'.
 */
export function writeComment(before: readonly IdentityBefore[]): string {
  return before.length === 0 ? MARK : `${MARK}\n${MEMORY}${JSON.stringify(before)}`;
}

/** Nothing, where somebody has edited the comment beyond recognition. */
export function readComment(comment: string | null): IdentityBefore[] {
  const line = comment?.split('\n').find((text) => text.startsWith(MEMORY));
  if (line === undefined) return [];
  try {
    const found: unknown = JSON.parse(line.slice(MEMORY.length));
    return Array.isArray(found) ? found.filter(isIdentityBefore) : [];
  } catch {
    return [];
  }
}

function isIdentityBefore(value: unknown): value is IdentityBefore {
  return (
    typeof value === 'object' &&
    value !== null &&
    'oid' in value &&
    (typeof value.oid === 'number' || value.oid === null) &&
    'table' in value &&
    typeof value.table === 'string' &&
    'was' in value &&
    (value.was === 'default' || value.was === 'nothing')
  );
}
