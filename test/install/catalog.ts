import type { TestDatabase } from '../support/database.js';

// The columns that the server itself changes at any time. relhastriggers is a hint, which only VACUUM takes back.
const VOLATILE: Readonly<Record<string, readonly string[]>> = {
  pg_class: [
    'relpages',
    'reltuples',
    'relallvisible',
    'relallfrozen',
    'relfrozenxid',
    'relminmxid',
    'relhastriggers',
  ],
  pg_database: ['datfrozenxid', 'datminmxid', 'dathasloginevt'],
};

// What each catalog is limited to: what is not the system's own, and what is of this database.
const CATALOGS: Readonly<Record<string, string>> = {
  pg_namespace: 'true',
  pg_class: 'oid >= 16384',
  pg_attribute: 'attrelid >= 16384',
  pg_attrdef: 'true',
  pg_type: 'oid >= 16384',
  pg_enum: 'true',
  pg_proc: 'oid >= 16384',
  pg_trigger: 'true',
  pg_event_trigger: 'true',
  pg_constraint: 'oid >= 16384',
  pg_index: 'indexrelid >= 16384',
  pg_inherits: 'true',
  pg_partitioned_table: 'true',
  pg_rewrite: 'oid >= 16384',
  pg_policy: 'true',
  pg_sequence: 'true',
  pg_statistic_ext: 'true',
  pg_publication: 'true',
  pg_publication_rel: 'true',
  pg_publication_namespace: 'true',
  pg_extension: 'true',
  pg_language: 'true',
  pg_default_acl: 'true',
  pg_init_privs: 'objoid >= 16384',
  pg_description: 'objoid >= 16384',
  pg_seclabel: 'true',
  pg_depend: 'objid >= 16384',
  pg_shdepend: 'dbid = (select oid from pg_database where datname = current_database())',
  pg_db_role_setting: 'setdatabase = (select oid from pg_database where datname = current_database())',
  pg_database: 'datname = current_database()',
};

/**
 * Everything in the database's catalogs that an installation could alter or leave behind, a line each, sorted.
 * Objects go by their names: one that was dropped and made anew in just the same way is the same.
 */
export async function fingerprint(db: Pick<TestDatabase, 'query'>): Promise<readonly string[]> {
  const names = await identities(db);
  const existing = await db.query(
    "select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relname = any ($1)",
    [Object.keys(CATALOGS)],
  );
  const parts = existing.rows.map(({ relname }) => {
    const away = ['oid', ...(VOLATILE[relname] ?? [])].map((column) => `- '${column}'`).join(' ');
    return `select '${relname} ' || (to_jsonb(c) ${away})::text as line from ${relname} as c where ${CATALOGS[relname]}`;
  });
  const { rows } = await db.query(parts.join('\nunion all '));
  return rows.map(({ line }) => named(String(line), names)).sort();
}

function named(line: string, names: ReadonlyMap<string, string>): string {
  return (
    line
      .replace(/\b\d{5,}\b/g, (number) => names.get(number) ?? number)
      // Where in the text of a statement, long gone, an expression stood (before PostgreSQL 17).
      .replace(/ :location \d+/g, '')
  );
}

/** What the oids of the database's objects stand for. */
async function identities(db: Pick<TestDatabase, 'query'>): Promise<ReadonlyMap<string, string>> {
  const catalogs = [
    'pg_class',
    'pg_proc',
    'pg_trigger',
    'pg_publication',
    'pg_publication_rel',
    'pg_namespace',
    'pg_type',
    'pg_constraint',
  ];
  const { rows } = await db.query(
    catalogs
      .map(
        (catalog) =>
          `select oid::text, i.type || ' ' || i.identity as name
           from ${catalog}, pg_identify_object('${catalog}'::regclass, oid, 0) as i where oid >= 16384`,
      )
      .join('\nunion all '),
  );
  return new Map(rows.map(({ oid, name }) => [oid, `<${name}>`]));
}
