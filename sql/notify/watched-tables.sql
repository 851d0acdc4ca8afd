-- The tables with triggers that notify the channel $1, whichever library put them there: for each, whether
-- every kind of change in the whole of its partition tree is told of, by which key, and with which rows.
--
-- $1 text: the channel
with recursive
telling as (
  select
    t.tgrelid,
    t.tgtype,
    ours.args
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  cross join lateral (
    -- Trigger arguments are one bytea, each ended by a zero byte, in the encoding of the database.
    select case when n.nspname = 'pgcachewatch' and p.proname in ('notify_change', 'notify_table_change') then (
      select array_agg(convert_from(decode(part, 'escape'), getdatabaseencoding()) order by ordinality)
      from unnest(string_to_array(encode(t.tgargs, 'escape'), '\000')) with ordinality as u (part, ordinality)
    ) end as args
  ) ours
  where not t.tgisinternal
    and t.tgenabled in ('O', 'A')
    -- Limited to some columns, or by a condition, it does not tell of every change.
    and t.tgqual is null
    and cardinality(t.tgattr::int2[]) = 0
    and coalesce(ours.args[3] = $1, position(quote_literal($1) in p.prosrc) > 0)
),
-- tgtype is a set of bits: 4 insert, 8 delete, 16 update, 32 truncate (src/include/catalog/pg_trigger.h).
told as (
  select tgrelid, bit_or(tgtype) & 60 = 60 as completely, max(args) as args
  from telling
  group by tgrelid
),
ancestors as (
  select tgrelid as relation, tgrelid as ancestor from told
  union
  select a.relation, i.inhparent from ancestors a join pg_catalog.pg_inherits i on i.inhrelid = a.ancestor
),
tree as (
  select ancestor as root, ancestor as member
  from ancestors a
  where not exists (select from pg_catalog.pg_inherits i where i.inhrelid = a.ancestor)
  union
  select tree.root, i.inhrelid
  from tree
  join pg_catalog.pg_inherits i on i.inhparent = tree.member
  -- The rows of a temporary child are read by nobody but its own session.
  join pg_catalog.pg_class child on child.oid = i.inhrelid and child.relpersistence <> 't'
),
roots as (
  select
    tree.root,
    bool_and(coalesce(told.completely, false)) as complete,
    -- Members may have been installed at different levels: what all of them tell is what can be relied on.
    min(told.args[2]) = max(told.args[2]) and min(told.args[1]) <> 'table' and max(told.args[1]) <> 'table'
      and count(told.args) = count(*) as keyed,
    min(told.args[1]) = 'row' and max(told.args[1]) = 'row' and count(told.args) = count(*) as images,
    min(told.args[2]) as key_columns
  from tree
  left join told on told.tgrelid = tree.member
  group by tree.root
)
select
  root::int8::text as oid,
  complete,
  case when keyed then key_columns::text[] else '{}' end as key,
  -- Whether the rows before and after a change are told, and not their keys alone.
  coalesce(images, false) as images
from roots
