import { sql } from '../sql.js';
import type { Publication, PublicationEntry, PublicationServer, RowFilters } from './publication.js';
import { setGeneratedBack, setPublicationBack, tableList } from './publication-before.js';
import type { WantedEntry } from './publication-entries.js';
import { checkWriters } from './refused-writers.js';
import type { ReplicaIdentity } from './replica-identity.js';
import { asStatement } from './script.js';
import type { Step } from './step.js';
import type { TreeMember } from './table-trees.js';

export function createPublication(publication: string, { role, database }: PublicationServer): Step {
  return {
    purpose: `create the publication ${publication}`,
    needs: `Have it run by a superuser: GRANT CREATE ON DATABASE ${database} TO ${role}.`,
    statement: sql('replication/create-publication.sql', { publication }).trim(),
    undo: {
      statement: [
        sql('install/require-empty-publication.sql', { publication }).trim(),
        sql('replication/drop-publication.sql', { publication }).trim(),
      ].join('\n'),
      lock: null,
    },
    lock: null,
  };
}

export function setPublication(existing: Publication, needs: string): Step {
  const publication = existing.name;
  return {
    purpose: `have the publication ${publication} tell every kind of change`,
    needs,
    statement: sql('replication/set-publication.sql', { publication }).trim(),
    undo: { statement: setPublicationBack(existing), lock: null },
    lock: null,
  };
}

export function setGenerated(publication: string, existing: Publication | null, needs: string): Step {
  return {
    purpose: `have the publication ${publication} tell generated columns`,
    needs,
    statement: sql('replication/set-publication-generated.sql', { publication }).trim(),
    undo: existing === null ? null : { statement: setGeneratedBack(publication), lock: null },
    lock: null,
  };
}

/** ONLY, as in all of these: a child by inheritance has an entry of its own. */
export function addEntry(publication: string, { member, columns }: WantedEntry, needs: string): Step {
  const { schema, table, name } = member;
  const lock = { table: name, mode: 'SHARE UPDATE EXCLUSIVE' } as const;
  const statement = sql('replication/add-to-publication.sql', { publication, schema, table }).trim();
  return {
    purpose: `publish ${name}`,
    needs,
    statement: `${statement}${tableList(columns)};`,
    undo: { statement: takeOut(publication, member), lock },
    lock,
  };
}

export function dropEntry(
  publication: string,
  entry: PublicationEntry,
  filters: RowFilters,
  needs: string,
): Step {
  const { schema, table, name, columns, oid } = entry;
  const lock = { table: name, mode: 'SHARE UPDATE EXCLUSIVE' } as const;
  const back = sql('replication/add-to-publication.sql', { publication, schema, table }).trim();
  return {
    purpose: `publish ${name} no longer`,
    needs,
    statement: takeOut(publication, entry),
    undo: {
      statement: `${back}${tableList(columns, filters.get(oid))};`,
      lock,
      published: [name],
    },
    lock,
  };
}

function takeOut(publication: string, { schema, table }: { schema: string; table: string }): string {
  return sql('replication/drop-from-publication.sql', { publication, schema, table }).trim();
}

export function setFull(member: TreeMember, before: ReplicaIdentity | undefined): Step {
  const { schema, table, name } = member;
  const back = sql(`install/replica-identity-${was(before)}.sql`, { schema, table }).trim();
  const lock = { table: name, mode: 'ACCESS EXCLUSIVE' } as const;
  return {
    purpose: `log whole rows of ${name}`,
    needs: `Run it as the owner of ${name}.`,
    statement: sql('install/replica-identity-full.sql', { schema, table }).trim(),
    // Another publication may need it by then.
    undo: { statement: back, lock, published: [name] },
    lock,
  };
}

/** What the replica identity goes back to: one by an index that is no more is none. */
export function was(before: ReplicaIdentity | undefined): 'default' | 'nothing' {
  return before?.identity === 'd' ? 'default' : 'nothing';
}

/** The last look at the catalog before the commit: it may have changed since the plan was made. */
export function checkWritersOf(tables: readonly Pick<TreeMember, 'name'>[]): Step {
  const names = tables.map(({ name }) => name);
  const check = checkWriters(names);
  return {
    purpose: `check that UPDATE and DELETE on ${names.join(', ')} are allowed`,
    needs: 'Run it again.',
    statement: asStatement(check),
    script: check,
    undo: null,
    lock: null,
  };
}

/** What the server wants of the role that alters a publication, and adds a table to it. */
export function ownership(publication: Publication | null, table?: string): string {
  const owners = [];
  if (publication !== null) owners.push(`the publication ${publication.quoted} (${publication.owner})`);
  if (table !== undefined) owners.push(table);
  return `Run it as a role that owns ${owners.join(' and ')}, or as a superuser; another --publication can be ours alone.`;
}
