-- The functions that triggers of the tables $1 (oid[]) call to notify the channel $2, whichever library put
-- them there. Whoever owns one decides what runs in the transactions of everybody who writes to the tables.
select
  p.oid::regprocedure::text as function,
  o.ours,
  pg_catalog.quote_ident(r.rolname) as owner,
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)) as database_owner,
  r.rolsuper or p.proowner = d.datdba or pg_catalog.bool_and(c.relowner = p.proowner) as trusted,
  p.prosecdef as definer,
  exists (
    select from pg_catalog.unnest(p.proconfig) as setting where pg_catalog.starts_with(setting, 'search_path=')
  ) as pinned
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join pg_catalog.pg_proc as p on p.oid = t.tgfoid
join pg_catalog.pg_roles as r on r.oid = p.proowner
join pg_catalog.pg_database as d on d.datname = pg_catalog.current_database()
cross join lateral (
  select n.nspname = 'pgcachewatch' and p.proname in ('notify_change', 'notify_table_change') as ours
  from pg_catalog.pg_namespace as n where n.oid = p.pronamespace
) as o
where t.tgrelid = any ($1::oid[]) and not t.tgisinternal
  and (
    o.ours
    or pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal($2::text)) > 0
  )
group by p.oid, o.ours, r.rolname, r.rolsuper, d.datdba
order by 1
