import { escapeIdentifier } from 'pg';
import { sql } from '../sql.js';
import type { Publication, PublishedSchema, RowFilters } from './publication.js';

/** The SQL that gives a publication the settings that it had. */
export function setPublicationBack({ name, publish, via_root }: Publication): string {
  const variables = { publication: name, publish, via_root: String(via_root) };
  return sql('replication/restore-publication.sql', variables).trim();
}

export function setGeneratedBack(publication: string): string {
  return sql('replication/set-publication-not-generated.sql', { publication }).trim();
}

/** The columns and the row filter of a table that is added to a publication. */
export function tableList(columns: readonly string[] | null, filter?: string): string {
  const list = columns === null ? '' : ` (${columns.map(escapeIdentifier).join(', ')})`;
  return filter === undefined ? list : `${list} where (${filter})`;
}

/** The SQL that makes a publication anew, as it is. */
export function recreatePublication(
  existing: Publication,
  filters: RowFilters,
  schemas: readonly PublishedSchema[],
): string {
  const { name: publication, all_tables, tells_all, generated, comment, entries } = existing;
  const create = all_tables ? 'create-publication-of-all' : 'create-publication';
  const statements = [sql(`replication/${create}.sql`, { publication })];
  if (all_tables || !tells_all) statements.push(setPublicationBack(existing));
  if (generated === 's') statements.push(sql('replication/set-publication-generated.sql', { publication }));
  for (const { schema } of schemas) {
    statements.push(sql('replication/add-schema-to-publication.sql', { publication, schema }));
  }
  for (const { schema, table, columns, oid } of entries) {
    const add = sql('replication/add-to-publication.sql', { publication, schema, table }).trim();
    statements.push(`${add}${tableList(columns, filters.get(oid))};`);
  }
  if (comment !== null) {
    statements.push(sql('replication/comment-on-publication.sql', { publication, comment }));
  }
  return statements.map((statement) => statement.trim()).join('\n');
}
