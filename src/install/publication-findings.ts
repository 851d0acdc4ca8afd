import type { Publication } from './publication.js';
import type { TreeChange } from './publication-changes.js';
import type { PublicationSettings } from './publication-settings.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';

/** What there is of the publication, and what will become of it; and of the tables for its sake. */
export function publicationFindings(
  publication: string,
  existing: Publication | null,
  changes: readonly TreeChange[],
  altered: readonly Step[],
  madeFull: readonly TreeMember[],
  full: PublicationSettings['full'],
): string[] {
  const is = `publication ${existing?.quoted ?? publication}`;
  const why = full === 'all' ? 'has another replica identity' : 'has no replica identity that serves';
  const identities = madeFull.map(({ name }) => `${name}: ${why}; made FULL`);
  if (existing === null) return [`${is}: is not there; made, of ${roots(changes)}`, ...identities];
  const published = new Set(existing.entries.map(({ oid }) => oid));
  const changing = changes.filter(({ steps }) => steps.length > 0);
  const isThere = ({ tree }: TreeChange) => tree.some(({ oid }) => published.has(oid));
  const added = changing.filter((change) => !isThere(change));
  const anew = changing.filter(isThere);
  const deeds = [
    ...(altered.length > 0 ? ['is altered to tell all changes'] : []),
    ...(added.length > 0 ? [`adds ${roots(added)}`] : []),
    ...(anew.length > 0 ? [`publishes ${roots(anew)} anew, for another list of columns or of parts`] : []),
  ];
  if (deeds.length === 0) deeds.push(`has ${roots(changes)} in just this way; nothing to change`);
  return [`${is}: exists, ${deeds.join(', ')}`, ...identities];
}

function roots(changes: readonly TreeChange[]): string {
  return changes.flatMap(({ tree: [root] }) => root?.name ?? []).join(', ');
}
