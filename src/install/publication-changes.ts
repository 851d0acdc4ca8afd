import { commentOn } from './comment-step.js';
import type { Publication, PublicationServer, RowFilters } from './publication.js';
import { type IdentityBefore, readComment } from './publication-comment.js';
import { isAsWanted, type WantedTree } from './publication-entries.js';
import {
  addEntry,
  createPublication,
  dropEntry,
  ownership,
  setGenerated,
  setPublication,
  was,
} from './publication-steps.js';
import { needsGenerated, type ReplicaIdentities, type ReplicaIdentity } from './replica-identity.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';

type Tree = readonly TreeMember[];

export function publicationSteps(
  publication: string,
  existing: Publication | null,
  server: PublicationServer,
): Step[] {
  if (existing === null) return [createPublication(publication, server)];
  return existing.tells_all ? [] : [setPublication(existing, ownership(existing))];
}

export function generatedSteps(
  publication: string,
  existing: Publication | null,
  { version }: PublicationServer,
  identities: readonly ReplicaIdentity[],
): Step[] {
  if (version < 180_000 || existing?.generated === 's' || !identities.some(needsGenerated)) return [];
  return [setGenerated(publication, existing, ownership(existing))];
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
  filters: RowFilters,
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
      else steps.push(dropEntry(publication, found, filters, ownership(existing)));
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
  if (existing !== null && full.length === 0) return [];
  const set = new Set(full.map(({ oid }) => oid));
  const names = new Set(full.map(({ name }) => name));
  const before: IdentityBefore[] = [
    ...readComment(existing?.comment ?? null).filter(({ oid, table }) =>
      oid === null ? !names.has(table) : !set.has(oid),
    ),
    ...full.map(({ oid, name }) => ({ oid, table: name, was: was(identities.get(oid)) })),
  ];
  return [commentOn(publication, before, existing?.comment ?? null, ownership(existing))];
}
