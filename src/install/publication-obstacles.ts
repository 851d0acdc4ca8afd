import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import type { PublicationSettings } from './publication-settings.js';
import { NO_IDENTITY, type Refusal, readRefusals } from './refused-writers.js';
import {
  breaksWriters,
  madeFull,
  type ReplicaIdentities,
  readReplicaIdentities,
} from './replica-identity.js';
import type { TreeMember } from './table-trees.js';
import { wouldBreak } from './ways-out.js';

type Tree = readonly TreeMember[];

/** The replica identities of trees, and what they would be. */
export interface Identities {
  readonly before: ReplicaIdentities;
  /** With those that are to be FULL. */
  readonly after: ReplicaIdentities;
  readonly setToFull: readonly TreeMember[];
  /** What the server would refuse to writers because of other publications. */
  readonly refusals: readonly Refusal[];
}

export async function readIdentities(
  client: Client,
  trees: readonly Tree[],
  { publication, full }: Pick<PublicationSettings, 'publication' | 'full'>,
): Promise<Identities> {
  const oids = trees.flat().map(({ oid }) => oid);
  const before = await readReplicaIdentities(client, oids);
  const setToFull = trees.flatMap((tree) => toBeFull(tree, before, full));
  const names = (members: readonly TreeMember[]) => members.map(({ name }) => name);
  const refusals = await readRefusals(client, names(trees.flat()), names(setToFull));
  return {
    before,
    after: withFull(before, setToFull),
    setToFull,
    refusals: refusals.filter((each) => each.publication !== publication),
  };
}

/** What stands against publishing the trees: that is not in the WAL, or would make UPDATE and DELETE fail. */
export function publicationObstacles(
  trees: readonly Tree[],
  { before, after, refusals }: Identities,
  full: PublicationSettings['full'],
): PgCacheWatchError[] {
  const broke = trees.map((tree) => ({ members: tree, broken: broken(tree, after) }));
  const refusal = wouldBreak(broke, before);
  return [
    ...unlogged(trees, before),
    ...(full === 'all' ? trees.flat().flatMap((member) => cannotBeFull(member, before)) : []),
    ...(refusal === null ? [] : [refusal]),
    ...byOthers(trees, refusals),
  ];
}

/** A table without an identity is refused for that alone, in whichever publication it is. */
function byOthers(trees: readonly Tree[], refusals: readonly Refusal[]): PgCacheWatchError[] {
  const oids = new Set(trees.flat().map(({ oid }) => oid));
  return refusals
    .filter(({ oid, code }) => oids.has(oid) && code !== NO_IDENTITY)
    .map(
      ({ refusal, remedy }) =>
        new PgCacheWatchError('WOULD_BREAK_WRITERS', `The server would refuse ${refusal}`, {
          remedy: `${remedy}, and run this again.`,
        }),
    );
}

function toBeFull(
  tree: Tree,
  identities: ReplicaIdentities,
  full: PublicationSettings['full'],
): readonly TreeMember[] {
  if (full === 'none') return [];
  if (full === 'needed') return broken(tree, identities);
  return tree.filter(({ kind, oid }) => {
    const found = identities.get(oid);
    return kind === 'r' && found !== undefined && found.identity !== 'f' && !breaksWriters(madeFull(found));
  });
}

function cannotBeFull({ oid, kind, name }: TreeMember, identities: ReplicaIdentities): PgCacheWatchError[] {
  const found = identities.get(oid);
  if (kind !== 'r' || found === undefined || !breaksWriters(madeFull(found))) return [];
  const message = `${name} has a virtual generated column, and with REPLICA IDENTITY FULL its writers would fail`;
  return [
    new PgCacheWatchError('WOULD_BREAK_WRITERS', message, {
      remedy: 'Make the column STORED, or install without --replica-identity always-full.',
    }),
  ];
}

function broken(tree: Tree, identities: ReplicaIdentities): TreeMember[] {
  return tree.filter(({ kind, oid }) => {
    const identity = identities.get(oid);
    // A partitioned table has no rows of its own to be found.
    return kind === 'r' && identity !== undefined && breaksWriters(identity);
  });
}

function withFull(identities: ReplicaIdentities, members: readonly TreeMember[]): ReplicaIdentities {
  const full = new Set(members.map(({ oid }) => oid));
  return new Map([...identities].map(([oid, found]) => [oid, full.has(oid) ? madeFull(found) : found]));
}

function unlogged(trees: readonly Tree[], identities: ReplicaIdentities): PgCacheWatchError[] {
  return trees
    .flat()
    .filter(({ oid, kind }) => kind === 'r' && identities.get(oid)?.unlogged)
    .map(
      ({ name }) =>
        new PgCacheWatchError('UNWATCHABLE', `${name} is unlogged: its changes are not in the WAL`, {
          remedy: `Run: ALTER TABLE ${name} SET LOGGED; or install with --mode notify.`,
        }),
    );
}
