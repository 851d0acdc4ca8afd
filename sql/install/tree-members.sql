-- $1: oids of tables at the root of a tree. Every table of each tree, the root first, with the key that
-- the root's rows are known by, and the triggers of ours and those that have a name of ours.
with recursive members (root, oid, depth) as (
  select root, root, 0 from pg_catalog.unnest($1::oid[]) as root
  union
  select m.root, i.inhrelid, m.depth + 1
  from members as m join pg_catalog.pg_inherits as i on i.inhparent = m.oid
), ancestors (member, oid) as (
  select distinct oid, oid from members
  union
  select a.member, i.inhparent from ancestors as a join pg_catalog.pg_inherits as i on i.inhrelid = a.oid
)
select
  m.root,
  c.oid,
  n.nspname as schema,
  c.relname as table,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  c.relkind as kind,
  c.relpersistence = 't' as temporary,
  m.depth > 0 and not c.relispartition as inherits,
  (
    select pg_catalog.count(*)::int
    from ancestors as a
    where a.member = c.oid and not exists (select from pg_catalog.pg_inherits as i where i.inhrelid = a.oid)
  ) as roots,
  -- Exactly the columns that logical replication would send as the key, but for REPLICA IDENTITY FULL and
  -- NOTHING, where the primary key serves. An index's INCLUDE columns are no part of the key.
  array(
    select a.attname
    from pg_catalog.pg_index as x
    cross join pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
    join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attnum
    where x.indrelid = m.root and k.position <= x.indnkeyatts
      and case when root.relreplident = 'i' then x.indisreplident else x.indisprimary end
    order by k.position
  )::text as key,
  exists (select from pg_catalog.pg_subscription_rel as s where s.srrelid = c.oid) as subscribed,
  coalesce(
    (
      select pg_catalog.json_agg(json_build_object(
        'name', t.tgname,
        'ours', f.oid is not null,
        'function', f.proname,
        'enabled', t.tgenabled,
        'type', t.tgtype,
        'arguments', pg_catalog.encode(t.tgargs, 'hex'),
        'definition', pg_catalog.pg_get_triggerdef(t.oid),
        'plain', t.tgqual is null and pg_catalog.cardinality(t.tgattr::int2[]) = 0
          and coalesce(t.tgoldtable, 'old_rows') = 'old_rows' and coalesce(t.tgnewtable, 'new_rows') = 'new_rows'
      ) order by t.tgname)
      from pg_catalog.pg_trigger as t
      left join pg_catalog.pg_proc as f on f.oid = t.tgfoid and f.oid in (
        pg_catalog.to_regprocedure('pgcachewatch.notify_change()'),
        pg_catalog.to_regprocedure('pgcachewatch.notify_table_change()')
      )
      -- The copies that a row trigger has on partitions go with it.
      where t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0
        and (
          t.tgname in ('pgcachewatch_insert', 'pgcachewatch_update', 'pgcachewatch_delete', 'pgcachewatch_truncate')
          or f.oid is not null
        )
    ),
    '[]'
  ) as triggers
from (select root, oid, pg_catalog.min(depth) as depth from members group by root, oid) as m
join pg_catalog.pg_class as c on c.oid = m.oid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_class as root on root.oid = m.root
order by m.root, m.depth, n.nspname, c.relname
