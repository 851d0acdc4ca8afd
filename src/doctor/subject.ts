import type { Client } from 'pg';
import type { PgCacheWatchError } from '../errors.js';
import { resolveTables, throwAll } from '../install/resolve-tables.js';
import { findTrees, type TreeMember } from '../install/table-trees.js';
import { unwatchable } from '../install/watchable.js';
import type { ToldTable } from '../sources/read-watched-tables.js';
import type { ResolvedOptions } from '../sources/source-options.js';
import { sql } from '../sql.js';
import { installedSettings } from './installed-triggers.js';

/** A table with its partitions or children, and which of the modes is to tell of it. */
export interface Tree {
  readonly root: TreeMember;
  /** The root first. */
  readonly members: readonly TreeMember[];
  readonly notify: boolean;
  readonly replication: boolean;
}

/** Which tables it is about. */
export interface Subject {
  /** Whether they were named; else they are those that are installed, each for the modes that it is for. */
  readonly named: boolean;
  readonly trees: readonly Tree[];
  /** Why some of them can be watched in neither mode. */
  readonly unwatchable: readonly PgCacheWatchError[];
  /** Tables with triggers of ours that notify another channel, and which. */
  readonly elsewhere: readonly { readonly name: string; readonly channel: string }[];
}

/** @throws PgCacheWatchError `NO_SUCH_TABLE`, `BAD_TABLE_NAME`, `SERVER` where the role may not look them up */
export async function findSubject(client: Client, options: ResolvedOptions): Promise<Subject> {
  return options.tables === undefined ? findInstalled(client, options) : findNamed(client, options.tables);
}

async function findNamed(client: Client, names: readonly string[]): Promise<Subject> {
  const { tables, wrong } = await resolveTables(client, names, []);
  throwAll(wrong);
  const found = await findTrees(client, tables);
  // What is no table is told of by `unwatchable`, and there is nothing more to be looked at.
  const others = new Set(found.named.filter(({ system }) => system).map(({ root }) => root));
  const trees = found.trees
    .filter(([root]) => root !== undefined && 'rp'.includes(root.kind) && !others.has(root.oid))
    .flatMap((all) => tree(all, { notify: true, replication: true }));
  return { named: true, trees, unwatchable: unwatchable(found), elsewhere: [] };
}

async function findInstalled(client: Client, options: ResolvedOptions): Promise<Subject> {
  const { channel, publication } = options;
  const notifying = await toldTables(client, 'notify/watched-tables.sql', channel);
  const published = await toldTables(client, 'replication/published-tables.sql', publication);
  // Those whose triggers are disabled are told of by nobody.
  const { rows: triggered } = await client.query<{ oid: number }>(sql('install/watched-tables.sql'));
  const oids = new Set([...notifying, ...published, ...triggered.map(({ oid }) => oid)]);
  const found = await findTrees(client, oids);
  const elsewhere: { name: string; channel: string }[] = [];
  const trees = found.trees.flatMap((all) => {
    const modes = {
      notify: all.some((member) => notifying.has(member.oid) || installedSettings(member, channel) !== null),
      replication: all.some(({ oid }) => published.has(oid)),
    };
    if (!modes.notify) elsewhere.push(...otherChannels(all));
    return modes.notify || modes.replication ? tree(all, modes) : [];
  });
  // What was installed can be watched, or it would not have been.
  return { named: false, trees, unwatchable: [], elsewhere };
}

function tree(all: readonly TreeMember[], modes: Pick<Tree, 'notify' | 'replication'>): Tree[] {
  const members = all.filter(({ temporary }) => !temporary);
  const [root] = members;
  return root === undefined ? [] : [{ root, members, ...modes }];
}

async function toldTables(client: Client, file: string, by: string): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<ToldTable>(sql(file), [by]);
  return new Set(rows.map(({ oid }) => Number(oid)));
}

function otherChannels(members: readonly TreeMember[]): { name: string; channel: string }[] {
  return members.flatMap((member) => {
    const settings = installedSettings(member);
    return settings === null ? [] : [{ name: member.name, channel: settings.channel }];
  });
}
