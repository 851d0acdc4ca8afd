-- What there is of ours in this database, and what this role may do about it.
select
  n.oid is not null as schema_exists,
  coalesce(pg_catalog.pg_has_role(n.nspowner, 'USAGE'), false) as schema_owned,
  -- Default privileges ('a') go with the schema.
  exists (
    select
    from pg_catalog.pg_depend as d
    where d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = n.oid and d.deptype <> 'a'
      and not (
        d.classid = 'pg_catalog.pg_proc'::regclass
        and (d.objid is not distinct from p.oid or d.objid is not distinct from q.oid)
      )
  ) as schema_shared,
  p.oid is not null as function_exists,
  coalesce(pg_catalog.pg_has_role(p.proowner, 'USAGE'), false) as function_owned,
  pg_catalog.quote_ident(pg_get_userbyid(p.proowner)) as function_owner,
  p.prosrc as function_body,
  coalesce(pg_catalog.array_to_json(p.proconfig), '[]') as function_settings,
  p.prosecdef as function_definer,
  pg_catalog.pg_get_functiondef(p.oid) as function_definition,
  coalesce(pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE'), false) as function_public,
  q.prosrc as table_function_body,
  coalesce(pg_catalog.array_to_json(q.proconfig), '[]') as table_function_settings,
  q.prosecdef as table_function_definer,
  pg_catalog.pg_get_functiondef(q.oid) as table_function_definition,
  coalesce(pg_catalog.has_function_privilege('public', q.oid, 'EXECUTE'), false) as table_function_public,
  pg_catalog.current_setting('max_prepared_transactions')::int as max_prepared_transactions,
  pg_catalog.quote_ident(current_user) as role,
  pg_catalog.quote_ident(pg_catalog.current_database()) as database
from (values (1)) as always (one)
left join pg_catalog.pg_namespace as n on n.nspname = 'pgcachewatch'
left join pg_catalog.pg_proc as p on p.pronamespace = n.oid and p.proname = 'notify_change' and p.pronargs = 0
left join pg_catalog.pg_proc as q
  on q.pronamespace = n.oid and q.proname = 'notify_table_change' and q.pronargs = 0
