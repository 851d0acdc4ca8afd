import type { Step } from './plan.js';
import type { Publication, PublicationServer } from './publication.js';
import { type IdentityBefore, readComment, writeComment } from './publication-comment.js';
import { isAsWanted, type WantedTree } from './publication-entries.js';
import {
  addEntry,
  commentOn,
  createPublication,
  dropEntry,
  ownership,
  setGenerated,
  setPublication,
} from './publication-steps.js';
import { needsGenerated, type ReplicaIdentities, type ReplicaIdentity } from './replica-identity.js';
import type { TreeMember } from './table-trees.js';

type Tree = readonly TreeMember[];

export function publicationSteps(
  publication: string,
  existing: Publication | null,
  server: PublicationServer,
): Step[] {
  if (existing === null) return [createPublication(publication, server)];
  return existing.tells_all ? [] : [setPublication(publication, ownership(existing))];
}

export function generatedSteps(
  publication: string,
  existing: Publication | null,
  { version }: PublicationServer,
  identities: readonly ReplicaIdentity[],
): Step[] {
  if (version < 180_000 || existing?.generated === 's' || !identities.some(needsGenerated)) return [];
  return [setGenerated(publication, ownership(existing))];
}

export interface TreeChange {
  readonly tree: Tree;
  readonly steps: readonly Step[];
}

/** An entry of another kind is taken out and added anew, in the one transaction: others are not touched. */
export function entrySteps(
  publication: string,
  existing: Publication | null,
  trees: readonly Tree[],
  wanted: readonly WantedTree[],
): TreeChange[] {
  return trees.map((tree, i) => {
    const entries = wanted[i]?.entries ?? [];
    const steps: Step[] = [];
    const right = new Set<number>();
    for (const { oid } of tree) {
      const found = existing?.entries.find((entry) => entry.oid === oid);
      if (found === undefined) continue;
      const entry = entries.find(({ member }) => member.oid === oid);
      if (entry !== undefined && isAsWanted(found, entry)) right.add(oid);
      else steps.push(dropEntry(publication, found, ownership(existing)));
    }
    for (const entry of entries) {
      const { oid, name } = entry.member;
      if (!right.has(oid)) steps.push(addEntry(publication, entry, ownership(existing, name)));
    }
    return { tree, steps };
  });
}

export function commentSteps(
  publication: string,
  existing: Publication | null,
  full: readonly TreeMember[],
  identities: ReplicaIdentities,
): Step[] {
  const set = new Set(full.map(({ oid }) => oid));
  const before: IdentityBefore[] = [
    ...readComment(existing?.comment ?? null).filter(({ oid }) => !set.has(oid)),
    ...full.map(({ oid, name }): IdentityBefore => {
      // By an index that is no more: that is none.
      const was = identities.get(oid)?.identity === 'd' ? 'default' : 'nothing';
      return { oid, table: name, was };
    }),
  ];
  const comment = writeComment(before);
  if (existing !== null && full.length === 0) return [];
  return [commentOn(publication, comment, ownership(existing))];
}
