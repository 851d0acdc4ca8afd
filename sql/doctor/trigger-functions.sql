-- The functions that triggers of the tables $1 (oid[]) call to notify the channel $2, whichever library put
-- them there. Whoever owns one decides what runs in the transactions of everybody who writes to the tables.
select
  p.oid::pg_catalog.regprocedure::text as function,
  ours.nspname = 'pgcachewatch' and p.proname in (
    'notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change'
  ) as ours,
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
join pg_catalog.pg_namespace as ours on ours.oid = p.pronamespace
join pg_catalog.pg_roles as o on o.oid = p.proowner
join pg_catalog.pg_database as d on d.datname = pg_catalog.current_database()
where t.tgrelid = any ($1::oid[]) and not t.tgisinternal
  and (
    (ours.nspname = 'pgcachewatch' and p.proname in (
      'notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change'
    ))
    or pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal($2::text)) > 0
  )
group by p.oid, ours.nspname, o.rolname, o.rolsuper, d.datdba
order by 1
