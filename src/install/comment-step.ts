import { sql } from '../sql.js';
import { type IdentityBefore, writeComment } from './publication-comment.js';
import type { Step } from './step.js';

/**
 * Marks a publication as ours, with what it has to remember.
 *
 * @param former the comment that it had; `null`: the publication is new, and goes as a whole
 */
export function commentOn(
  publication: string,
  before: readonly IdentityBefore[],
  former: string | null,
  needs: string,
): Step {
  const write = (comment: string) =>
    sql('replication/comment-on-publication.sql', { publication, comment }).trim();
  return {
    purpose: `mark the publication ${publication} as one of pgcachewatch`,
    needs,
    statement: write(writeComment(before)),
    // A migration may be run on a copy of the database, where the tables have other oids.
    script: write(writeComment(before.map((each) => ({ ...each, oid: null })))),
    undo: former === null ? null : { statement: write(former), lock: null },
    lock: null,
  };
}
