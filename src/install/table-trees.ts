import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { ExistingTrigger } from './existing-trigger.js';
import { withQualifiedNames } from './with-setting.js';

/** A relation that was named, once for each root of the trees that it is in. */
export interface NamedRelation {
  readonly oid: number;
  /** Qualified, and quoted where SQL needs it. */
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  readonly temporary: boolean;
  readonly system: boolean;
  readonly root: number;
  readonly root_name: string;
}

/** A table of a tree: of partitions, of inheritance, or of itself alone. */
export interface TreeMember {
  readonly root: number;
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** Qualified, and quoted where SQL needs it. */
  readonly name: string;
  /** `pg_class.relkind`. */
  readonly kind: string;
  readonly temporary: boolean;
  /** Whether it is a child by INHERITS, and not a partition. */
  readonly inherits: boolean;
  /** How many roots are above it. */
  readonly roots: number;
  /** The root's key, as the literal of an array. */
  readonly key: string;
  /** Whether the texts of the key depend on no setting. */
  readonly key_is_plain: boolean;
  /** Whether a subscription writes to it. */
  readonly subscribed: boolean;
  /** Those of ours, and those that have a name of ours. */
  readonly triggers: readonly ExistingTrigger[];
}

export interface TableTrees {
  readonly named: readonly NamedRelation[];
  /** The root first. */
  readonly trees: readonly (readonly TreeMember[])[];
}

/**
 * Finds the whole trees that the tables are in, each once: a statement on any member changes what queries
 * of the root return.
 *
 * @param tables their oids
 */
export async function findTrees(client: Client, tables: Iterable<number>): Promise<TableTrees> {
  const { rows: named } = await client.query<NamedRelation>(sql('install/named-tables.sql'), [
    [...new Set(tables)],
  ]);
  const roots = new Set(named.map(({ root }) => root));
  const { rows } = await withQualifiedNames(client, () =>
    client.query<TreeMember>(sql('install/tree-members.sql'), [[...roots]]),
  );
  return { named, trees: [...roots].map((root) => rows.filter((member) => member.root === root)) };
}

/** Which of the names stand for more than themselves. */
export function partNotes({ named }: TableTrees): string[] {
  const oids = new Set(named.map(({ oid }) => oid));
  return named
    .filter(({ oid, root }) => oid !== root && !oids.has(root))
    .map(({ name, root_name }) => `${name} is part of ${root_name}, which stands for it and all its parts.`);
}
