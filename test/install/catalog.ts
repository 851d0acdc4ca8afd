import type { TestDatabase } from '../support/database.js';

/** Everything in the database that an installation could leave behind, in one value that can be compared. */
export async function fingerprint(db: TestDatabase): Promise<unknown> {
  const { rows } = await db.query(`
    select 'schema' as kind, nspname::text as name, nspacl::text as detail from pg_namespace
    union all select 'function', oid::regprocedure::text, prosrc || proconfig::text from pg_proc where oid >= 16384
    union all select 'trigger', tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(oid) || tgenabled::text
      from pg_trigger where not tgisinternal
    union all select 'relation', oid::regclass::text, relacl::text from pg_class where oid >= 16384
    union all select 'type', oid::regtype::text, typacl::text from pg_type where oid >= 16384
    union all select 'description', classoid::regclass || ' ' || objoid, description
      from pg_description where objoid >= 16384
    union all select 'dependency', classid::regclass || ' ' || objid, refclassid::regclass || ' ' || refobjid
      from pg_depend where objid >= 16384
    order by 1, 2, 3`);
  return rows;
}
