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
), tops as (
  select a.member, pg_catalog.count(*)::int as roots
  from ancestors as a
  where not exists (select from pg_catalog.pg_inherits as i where i.inhrelid = a.oid)
  group by a.member
), functions as (
  select p.oid, p.proname
  from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'pgcachewatch' and p.pronargs = 0
    -- The last two are of an older version.
    and p.proname in ('notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change')
), triggers as (
  -- For all at once: with old statistics, the server would read the whole catalog anew for every table.
  select
    t.tgrelid,
    pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', t.tgname,
      'ours', f.oid is not null,
      'function', f.proname,
      'enabled', t.tgenabled,
      'type', t.tgtype,
      'copy', t.tgparentid <> 0,
      'arguments', pg_catalog.encode(t.tgargs, 'hex'),
      'definition', pg_catalog.pg_get_triggerdef(t.oid),
      'plain', t.tgqual is null and pg_catalog.cardinality(t.tgattr::int2[]) = 0
        and t.tgoldtable is null and t.tgnewtable is null and t.tgconstraint = 0
    ) order by t.tgname) as list
  from pg_catalog.pg_trigger as t
  join (select distinct m.oid from members as m) as member on member.oid = t.tgrelid
  left join functions as f on f.oid = t.tgfoid
  where
    (
      f.oid is not null
      or t.tgname in ('pgcachewatch_statement', 'pgcachewatch_row', 'pgcachewatch_truncate')
      -- The row trigger of a partitioned table.
      or (t.tgparentid = 0 and t.tgname ~ '^pgcachewatch_row_[0-9a-f]{8}$')
    )
    -- Before PostgreSQL 15, copies are internal, too.
    and (not t.tgisinternal or t.tgparentid <> 0)
  group by t.tgrelid
), keys as (
  -- Exactly the columns that logical replication would send as the key, but for REPLICA IDENTITY FULL and
  -- NOTHING, where the primary key serves. An index's INCLUDE columns are no part of the key.
  select
    root.oid as root,
    pg_catalog.array_agg(a.attname order by k.position) as columns,
    -- Whether no setting decides how its values are written.
    pg_catalog.bool_and(y.typtype = 'e' or (y.typnamespace = 'pg_catalog'::pg_catalog.regnamespace and y.typname in (
      'bool', 'bpchar', 'char', 'int2', 'int4', 'int8', 'name', 'numeric', 'oid', 'text', 'uuid', 'varchar'
    ))) as plain
  from pg_catalog.unnest($1::oid[]) as r (oid)
  join pg_catalog.pg_class as root on root.oid = r.oid
  join pg_catalog.pg_index as x on x.indrelid = root.oid
    and case when root.relreplident = 'i' then x.indisreplident else x.indisprimary end
  cross join pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
  join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attnum
  join pg_catalog.pg_type as y on y.oid = a.atttypid
  where k.position <= x.indnkeyatts
  group by root.oid
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
  tops.roots,
  coalesce(keys.columns, '{}')::text as key,
  coalesce(keys.plain, true) as key_is_plain,
  exists (select from pg_catalog.pg_subscription_rel as s where s.srrelid = c.oid) as subscribed,
  coalesce(triggers.list, '[]') as triggers
from (select root, oid, pg_catalog.min(depth) as depth from members group by root, oid) as m
join pg_catalog.pg_class as c on c.oid = m.oid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join tops on tops.member = c.oid
left join keys on keys.root = m.root
left join triggers on triggers.tgrelid = c.oid
order by m.root, m.depth, n.nspname, c.relname
