import type { Client } from 'pg';
import type { PgCacheWatchError } from '../errors.js';
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
  const notes: string[] = [];
  const left: (readonly TreeMember[])[] = [];
  for (const tree of trees) {
    const [root] = tree;
    if (root === undefined) continue;
    const errors = unwatchable({ named: named.filter((each) => each.root === root.oid), trees: [tree] });
    if (errors.length === 0) errors.push(...(await obstacles(client, tree, settings)));
    if (errors.length === 0) left.push(tree);
    notes.push(...errors.map(({ message }) => skipped(root.name, message)));
  }
  return { trees: left, notes };
}

async function obstacles(
  client: Client,
  members: readonly TreeMember[],
  { triggers, publication }: InstallSettings,
): Promise<PgCacheWatchError[]> {
  const tree = members.filter(({ temporary }) => !temporary);
  const errors = triggers === null ? [] : tree.flatMap(foreignTriggers);
  if (publication === null) return errors;
  const identities = await readIdentities(client, [tree], publication.full);
  return [...errors, ...publicationObstacles([tree], identities)];
}
