-- The functions that triggers of the tables $1 (oid[]) call to notify the channel $2, whichever library put
-- them there. Whoever owns one decides what runs in the transactions of everybody who writes to the tables.
select
  p.oid::regprocedure::text as function,
  p.oid is not distinct from pg_catalog.to_regprocedure('pgcachewatch.notify_change()')
    or p.oid is not distinct from pg_catalog.to_regprocedure('pgcachewatch.notify_table_change()') as ours,
  pg_catalog.quote_ident(o.rolname) as owner,
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)) as database_owner,
  o.rolsuper or p.proowner = d.datdba or pg_catalog.bool_and(c.relowner = p.proowner) as trusted,
  p.prosecdef as definer,
  exists (
    select from pg_catalog.unnest(p.proconfig) as setting where pg_catalog.starts_with(setting, 'search_path=')
  ) as pinned
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join pg_catalog.pg_proc as p on p.oid = t.tgfoid
join pg_catalog.pg_roles as o on o.oid = p.proowner
join pg_catalog.pg_database as d on d.datname = pg_catalog.current_database()
where t.tgrelid = any ($1::oid[]) and not t.tgisinternal
  and (
    p.oid is not distinct from pg_catalog.to_regprocedure('pgcachewatch.notify_change()')
    or p.oid is not distinct from pg_catalog.to_regprocedure('pgcachewatch.notify_table_change()')
    or pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal($2::text)) > 0
  )
group by p.oid, o.rolname, o.rolsuper, d.datdba
order by 1
