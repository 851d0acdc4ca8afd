-- The tables that triggers of ours are on, found by what they call. Those of one tree (partitions, children)
-- that have the same settings are one row, under the name of the root.
with recursive
-- Few lists of arguments serve thousands of triggers: each is read once.
arguments as materialized (
  select
    distinct_args.tgargs,
    -- Trigger arguments are one bytea, each ended by a zero byte, in the encoding of the database.
    (
      select pg_catalog.array_agg(
        pg_catalog.convert_from(pg_catalog.decode(u.part, 'escape'), pg_catalog.getdatabaseencoding()) order by u.n
      )
      from pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.encode(distinct_args.tgargs, 'escape'), '\000'))
        with ordinality as u (part, n)
    ) as args
  from (
    select distinct t.tgargs
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_proc as p on p.oid = t.tgfoid
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = 'pgcachewatch'
  ) as distinct_args
),
settings as (
  select
    t.tgrelid as relation,
    arguments.args,
    t.tgenabled as enabled,
    t.tgtype as type,
    t.tgqual is null and pg_catalog.cardinality(t.tgattr::int2[]) = 0 as plain,
    c.relispartition as is_partition
  from pg_catalog.pg_trigger as t
  join pg_catalog.pg_class as c on c.oid = t.tgrelid
  join pg_catalog.pg_proc as p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  join arguments on arguments.tgargs = t.tgargs
  where n.nspname = 'pgcachewatch' and p.pronargs = 0
    -- The last two are of an older version.
    and p.proname in ('notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change')
    -- The copies on partitions are internal before PostgreSQL 15.
    and (not t.tgisinternal or t.tgparentid <> 0)
),
relations as (
  select
    relation,
    pg_catalog.min(args[1]) as level,
    pg_catalog.min(args[2]) as key,
    pg_catalog.min(args[3]) as channel,
    pg_catalog.min(args[4])::int as max_rows,
    pg_catalog.bool_and(enabled = 'A') as always,
    -- ENABLE TRIGGER ALL makes ordinary triggers of those that were installed to fire always.
    coalesce(pg_catalog.bool_or(args[5] = 'always' and enabled = 'O'), false) as ordinary,
    -- A set of bits: 4 insert, 8 delete, 16 update, 32 truncate (src/include/catalog/pg_trigger.h). A partition that was
    -- made later has no trigger of TRUNCATE.
    pg_catalog.bit_or(case when plain and enabled in ('O', 'A') then type else 0::int2 end)
        | case when pg_catalog.bool_and(is_partition) then 32 else 0 end & 60 = 60
      and pg_catalog.min(args) = pg_catalog.max(args) as complete
  from settings
  group by relation
),
-- With all that is to be shown of them: to join it again, the server might compare all with all.
ancestors as (
  select r.*, r.relation as ancestor from relations as r
  union
  select
    a.relation,
    a.level,
    a.key,
    a.channel,
    a.max_rows,
    a.always,
    a.ordinary,
    a.complete,
    i.inhparent
  from ancestors as a
  join pg_catalog.pg_inherits as i on i.inhrelid = a.ancestor
),
roots as (
  select distinct on (a.relation) a.*
  from ancestors as a
  where not exists (select from pg_catalog.pg_inherits as i where i.inhrelid = a.ancestor)
  order by a.relation, a.ancestor
)
select
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  pg_catalog.count(*)::int as tables,
  r.level,
  r.key::text[] as key,
  r.channel,
  r.max_rows,
  r.always,
  r.ordinary,
  r.complete
from roots as r
join pg_catalog.pg_class as c on c.oid = r.ancestor
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
group by c.oid, n.nspname, c.relname, r.level, r.key, r.channel, r.max_rows, r.always, r.ordinary, r.complete
order by n.nspname, c.relname, tables desc
