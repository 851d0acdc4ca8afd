import { escapeIdentifier } from 'pg';
import { sql } from '../sql.js';
import type { Step } from './plan.js';
import type { Publication, PublicationEntry, PublicationServer } from './publication.js';
import type { WantedEntry } from './publication-entries.js';
import type { TreeMember } from './table-trees.js';

export function createPublication(publication: string, { role, database }: PublicationServer): Step {
  return {
    purpose: `create the publication ${publication}`,
    needs: `Have it run by a superuser: GRANT CREATE ON DATABASE ${database} TO ${role}.`,
    statement: sql('replication/create-publication.sql', { publication }).trim(),
  };
}

export function setPublication(publication: string, needs: string): Step {
  return {
    purpose: `have the publication ${publication} tell every kind of change`,
    needs,
    statement: sql('replication/set-publication.sql', { publication }).trim(),
  };
}

export function setGenerated(publication: string, needs: string): Step {
  return {
    purpose: `have the publication ${publication} tell generated columns`,
    needs,
    statement: sql('replication/set-publication-generated.sql', { publication }).trim(),
  };
}

export function commentOn(publication: string, comment: string, needs: string): Step {
  return {
    purpose: `mark the publication ${publication} as one of pgcachewatch`,
    needs,
    statement: sql('replication/comment-on-publication.sql', { publication, comment }).trim(),
  };
}

/** ONLY, as in all of these: a child by inheritance has an entry of its own. */
export function addEntry(publication: string, { member, columns }: WantedEntry, needs: string): Step {
  const { schema, table, name } = member;
  const list = columns === null ? '' : ` (${columns.map(escapeIdentifier).join(', ')})`;
  const statement = sql('replication/add-to-publication.sql', { publication, schema, table }).trim();
  return { purpose: `publish ${name}`, needs, statement: `${statement}${list};` };
}

export function dropEntry(
  publication: string,
  { schema, table, name }: Pick<PublicationEntry, 'schema' | 'table' | 'name'>,
  needs: string,
): Step {
  return {
    purpose: `publish ${name} no longer`,
    needs,
    statement: sql('replication/drop-from-publication.sql', { publication, schema, table }).trim(),
  };
}

export function dropPublication({ name, owner }: Publication): Step {
  return {
    purpose: `drop the publication ${name}`,
    needs: `Run it as ${owner}.`,
    statement: sql('replication/drop-publication.sql', { publication: name }).trim(),
  };
}

export function setFull({ schema, table, name }: TreeMember): Step {
  return {
    purpose: `log whole rows of ${name}`,
    needs: `Run it as the owner of ${name}.`,
    statement: sql('install/replica-identity-full.sql', { schema, table }).trim(),
  };
}

/** The last word on whether anybody's UPDATE or DELETE fails is the server's, before it is committed. */
export function checkWriters({ schema, table, name }: TreeMember): Step {
  return {
    purpose: `check that UPDATE and DELETE on ${name} are allowed`,
    needs: `Run it as a role that may DELETE from ${name}: nothing is deleted, only planned.`,
    statement: sql('install/check-writers.sql', { schema, table }).trim(),
  };
}

/** What the server wants of the role that alters a publication, and adds a table to it. */
export function ownership(publication: Publication | null, table?: string): string {
  const owners = [];
  if (publication !== null) owners.push(`the publication ${publication.quoted} (${publication.owner})`);
  if (table !== undefined) owners.push(table);
  return `Run it as a role that owns ${owners.join(' and ')}, or as a superuser; another --publication can be ours alone.`;
}
