-- Every table that a trigger of ours is on, found by what it calls: a partition may be detached by now, and
-- a trigger renamed.
select
  c.oid,
  n.nspname as schema,
  c.relname as table,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', t.tgname,
    'enabled', t.tgenabled,
    'type', t.tgtype,
    'function', p.proname,
    'definition', pg_catalog.pg_get_triggerdef(t.oid)
  ) order by t.tgname) as triggers
from pg_catalog.pg_trigger as t
join pg_catalog.pg_proc as p on p.oid = t.tgfoid
join pg_catalog.pg_namespace as ours on ours.oid = p.pronamespace
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where ours.nspname = 'pgcachewatch' and p.pronargs = 0
  -- The last two are of an older version.
  and p.proname in ('notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change')
  -- The copies that a row trigger has on partitions go with it.
  and not t.tgisinternal and t.tgparentid = 0
group by c.oid, n.nspname, c.relname
order by n.nspname, c.relname
