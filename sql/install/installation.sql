-- What there is of ours in this database, and what this role may do about it.
with functions as (
  select
    p.oid,
    p.proowner,
    p.proname,
    p.prosrc,
    p.proconfig,
    p.prosecdef
  from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'pgcachewatch' and p.pronargs = 0
    -- The last two are of an older version.
    and p.proname in ('notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change')
)
select
  n.oid is not null as schema_exists,
  coalesce(pg_catalog.pg_has_role(n.nspowner, 'USAGE'), false) as schema_owned,
  -- Default privileges ('a') go with the schema.
  exists (
    select
    from pg_catalog.pg_depend as d
    where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.refobjid = n.oid and d.deptype <> 'a'
      and not (
        d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and exists (select from functions as f where f.oid = d.objid)
      )
  ) as schema_shared,
  exists (select from functions) as function_exists,
  coalesce(
    (select pg_catalog.bool_and(pg_catalog.pg_has_role(f.proowner, 'USAGE')) from functions as f), false
  ) as function_owned,
  -- One that this role is not a member of, if there is one.
  (
    select pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(f.proowner))
    from functions as f
    order by pg_catalog.pg_has_role(f.proowner, 'USAGE'), f.oid
    limit 1
  ) as function_owner,
  coalesce(
    (
      select pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', f.proname,
        'body', f.prosrc,
        'settings', coalesce(pg_catalog.array_to_json(f.proconfig), '[]'),
        'definer', f.prosecdef,
        'definition', pg_catalog.pg_get_functiondef(f.oid),
        'public', pg_catalog.has_function_privilege('public', f.oid, 'EXECUTE')
      ))
      from functions as f
    ),
    '[]'
  ) as functions,
  pg_catalog.current_setting('max_prepared_transactions')::int as max_prepared_transactions,
  pg_catalog.quote_ident(current_user) as role,
  pg_catalog.quote_ident(pg_catalog.current_database()) as database
from (values (1)) as always (one)
left join pg_catalog.pg_namespace as n on n.nspname = 'pgcachewatch'
