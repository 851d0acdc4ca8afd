import type { Client } from 'pg';
import type { InstallSettings } from './install-options.js';
import { publicationObstacles, readIdentities } from './publication-obstacles.js';
import type { TableTrees, TreeMember } from './table-trees.js';
import { skipped } from './tables-in-schemas.js';
import { foreignTriggers } from './triggers.js';
import { unwatchable } from './watchable.js';

export interface Watchable {
  readonly trees: readonly (readonly TreeMember[])[];
  /** What cannot be watched, and why. */
  readonly notes: readonly string[];
}

/** Sorts out what cannot be watched in the way that is wanted: of tables that nobody named, that is no error. */
export async function skipUnwatchable(
  client: Client,
  { named, trees }: TableTrees,
  settings: InstallSettings,
): Promise<Watchable> {
  const lasting = trees.map((tree) => tree.filter(({ temporary }) => !temporary));
  const full = settings.publication?.full ?? 'none';
  const identities = settings.publication && (await readIdentities(client, lasting, settings.publication));
  const notes: string[] = [];
  const left: (readonly TreeMember[])[] = [];
  for (const tree of lasting) {
    const [root] = tree;
    if (root === undefined) continue;
    const errors = unwatchable({ named: named.filter((each) => each.root === root.oid), trees: [tree] });
    if (errors.length === 0) {
      if (settings.triggers !== null) errors.push(...tree.flatMap(foreignTriggers));
      if (identities !== null) errors.push(...publicationObstacles([tree], identities, full));
    }
    if (errors.length === 0) left.push(tree);
    notes.push(...errors.map(({ message }) => skipped(root.name, message)));
  }
  return { trees: left, notes };
}
