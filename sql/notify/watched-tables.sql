-- The tables with triggers that notify the channel $1, whichever library put them there: for each, whether
-- every kind of change in the whole of its tree is told of, by which key, and with which rows.
--
-- $1 text: the channel
with recursive
-- Few functions and few lists of arguments serve thousands of triggers: each is looked at once.
functions as (
  select
    p.oid,
    n.nspname = 'pgcachewatch' and p.pronargs = 0 and p.proname in (
      -- The last two are of an older version.
      'notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change'
    ) as ours,
    pg_catalog.strpos(p.prosrc, pg_catalog.quote_literal($1::text)) > 0 as notifies
  from (select distinct tgfoid from pg_catalog.pg_trigger) as t
  join pg_catalog.pg_proc as p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
),
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
    from pg_catalog.pg_trigger as t join functions as f on f.oid = t.tgfoid and f.ours
  ) as distinct_args
),
telling as (
  select t.tgrelid, t.tgtype, a.args
  from pg_catalog.pg_trigger as t
  join functions as f on f.oid = t.tgfoid
  left join arguments as a on f.ours and a.tgargs = t.tgargs
  -- The copies on partitions are internal before PostgreSQL 15.
  where (not t.tgisinternal or t.tgparentid <> 0)
    and t.tgenabled in ('O', 'A')
    -- Limited to some columns, or by a condition, it does not tell of every change.
    and t.tgqual is null
    and pg_catalog.cardinality(t.tgattr::int2[]) = 0
    and case when f.ours then a.args[3] = $1 else f.notifies end
),
-- tgtype is a set of bits: 1 row, 4 insert, 8 delete, 16 update, 32 truncate (src/include/catalog/pg_trigger.h).
told as (
  select
    tgrelid,
    coalesce(pg_catalog.bit_or(tgtype) filter (where tgtype & 1 = 1) & 28 = 28, false) as by_rows,
    coalesce(pg_catalog.bit_or(tgtype) filter (where tgtype & 1 = 0) & 28 = 28, false) as by_statements,
    pg_catalog.bit_or(tgtype) & 32 = 32 as truncation,
    -- What tells of rows, or might; what tells of TRUNCATE alone has the same arguments, and no bearing on them.
    pg_catalog.min(args[1]) filter (where tgtype & 28 <> 0) as least_level,
    pg_catalog.max(args[1]) filter (where tgtype & 28 <> 0) as greatest_level,
    pg_catalog.min(args[2]) filter (where tgtype & 28 <> 0) as least_key,
    pg_catalog.max(args[2]) filter (where tgtype & 28 <> 0) as greatest_key,
    pg_catalog.bool_and(args is not null) filter (where tgtype & 28 <> 0) as all_ours
  from telling
  group by tgrelid
),
ancestors as (
  select tgrelid as relation, tgrelid as ancestor from told
  union
  select a.relation, i.inhparent from ancestors as a join pg_catalog.pg_inherits as i on i.inhrelid = a.ancestor
),
tree as (
  select ancestor as root, ancestor as member
  from ancestors as a
  where not exists (select from pg_catalog.pg_inherits as i where i.inhrelid = a.ancestor)
  union
  select tree.root, i.inhrelid
  from tree
  join pg_catalog.pg_inherits as i on i.inhparent = tree.member
  -- The rows of a temporary child are read by nobody but its own session.
  join pg_catalog.pg_class as child on child.oid = i.inhrelid and child.relpersistence <> 't'
),
members as (
  select
    tree.root,
    tree.member,
    c.relispartition and tree.member <> tree.root as is_partition,
    c.relkind = 'f' as is_foreign,
    -- What is between the root and its partitions has no rows of its own.
    (c.relkind = 'p' and tree.member <> tree.root) or coalesce(told.by_rows, false) as by_rows,
    coalesce(told.by_statements, false) as by_statements,
    parents.inhparent is not null as is_parent,
    coalesce(told.truncation, false) as truncation,
    told.least_level,
    told.greatest_level,
    told.least_key,
    told.greatest_key,
    told.all_ours
  from tree
  join pg_catalog.pg_class as c on c.oid = tree.member
  left join told on told.tgrelid = tree.member
  -- Not EXISTS: with old statistics, the server would read the whole catalog anew for every table.
  left join (select distinct inhparent from pg_catalog.pg_inherits) as parents on parents.inhparent = tree.member
),
roots as (
  select
    root,
    -- A trigger of statements fires for those that name its table. So a table that has no others is told of completely
    -- if all that are above it have them, too.
    (pg_catalog.bool_and(by_rows) or pg_catalog.bool_and(by_statements or (by_rows and not is_parent)))
      -- What another server does to a foreign table fires nothing here.
      and not pg_catalog.bool_or(is_foreign)
      -- A partition made later has no trigger of TRUNCATE, and all others.
      and pg_catalog.bool_and(truncation or is_partition) as complete,
    -- Members may have been installed at different levels: what all of them tell is what can be relied on. (A partitioned
    -- table without triggers tells nothing itself.)
    coalesce(pg_catalog.bool_and(all_ours), false) as all_ours,
    pg_catalog.min(least_level) as least_level,
    pg_catalog.max(greatest_level) as greatest_level,
    pg_catalog.min(least_key) as least_key,
    pg_catalog.max(greatest_key) as greatest_key,
    pg_catalog.array_agg(member::int8::text order by member) filter (where not truncation and is_partition) as untruncated
  from members
  group by root
)
select
  root::int8::text as oid,
  complete,
  case
    when all_ours and least_key = greatest_key and least_level <> 'table' and greatest_level <> 'table'
    then least_key::text[]
    else '{}'
  end as key,
  -- Whether the rows before and after a change are told, and not their keys alone.
  all_ours and least_level = 'row' and greatest_level = 'row' as images,
  -- Partitions whose TRUNCATE, by their own names, no trigger tells of.
  coalesce(untruncated, '{}') as untruncated
from roots
