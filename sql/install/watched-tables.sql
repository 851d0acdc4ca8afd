-- Every table that a trigger of ours is on, found by what it calls: a partition may be detached by now, and
-- a trigger renamed.
select
  c.oid,
  n.nspname as schema,
  c.relname as table,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  pg_catalog.json_agg(json_build_object(
    'name', t.tgname,
    'enabled', t.tgenabled,
    'definition', pg_catalog.pg_get_triggerdef(t.oid)
  ) order by t.tgname) as triggers
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where t.tgfoid = any (array[
    pg_catalog.to_regprocedure('pgcachewatch.notify_change()'), pg_catalog.to_regprocedure('pgcachewatch.notify_table_change()')
  ]) and not t.tgisinternal
  -- The copies that a row trigger has on partitions go with it.
  and t.tgparentid = 0
group by c.oid, n.nspname, c.relname
order by n.nspname, c.relname
