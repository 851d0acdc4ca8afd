-- Since when the trees of the tables $1 (oid[]: their roots) have had the triggers that notify the channel $2 as they
-- are. Triggers that were disabled and enabled again, or dropped and made again, were silent in between.
--
-- "unlocked": a function, or a name that notifications go by, has been altered since there have been triggers. That
-- locks no table: a writer that is still open may have written before. (To make, disable or enable a trigger excludes
-- writers.)
with recursive tree (root, member) as (
  select root, root from unnest($1::oid[]) as root
  union
  select tree.root, i.inhrelid from tree join pg_catalog.pg_inherits as i on i.inhparent = tree.member
),
-- Few functions serve thousands of triggers: each is looked at once.
functions as materialized (
  select
    p.oid,
    p.xmin as made_by,
    -- A notification names the table by its oid, if it is one of ours and not of an earlier version.
    n.nspname = 'pgcachewatch' and strpos(p.prosrc, '"oid"') > 0 as by_oid
  from (select distinct tgfoid from pg_catalog.pg_trigger) as t
  join pg_catalog.pg_proc as p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'pgcachewatch' or strpos(p.prosrc, quote_literal($2::text)) > 0
),
announcing as (
  select
    tree.root, tree.member, t.oid as trigger, t.xmin as trigger_made_by, t.tgtype as type, f.oid as function,
    f.made_by as function_made_by, f.by_oid
  from tree
  join pg_catalog.pg_trigger as t on t.tgrelid = tree.member
  join functions as f on f.oid = t.tgfoid
  -- The copies on partitions are internal before PostgreSQL 15.
  where not t.tgisinternal or t.tgparentid <> 0
),
facts (root, fact, made_by, unlocked) as (
  select root, 'trigger ' || trigger::text, trigger_made_by, false from announcing
  union
  select root, 'function ' || function::text, function_made_by, age(function_made_by) < age(trigger_made_by)
  from announcing
  union
  -- A table that is known by its name alone is not heard of while it, or its schema, has another one. Its type shares
  -- its name and schema, and is not altered by a TRUNCATE, which gives the table another file.
  select a.root, 'name ' || c.oid::text, t.xmin, false
  from announcing as a
  join pg_catalog.pg_class as c on c.oid in (a.root, a.member)
  join pg_catalog.pg_type as t on t.oid = c.reltype
  where not a.by_oid
  union
  select a.root, 'schema ' || n.oid::text, n.xmin, age(n.xmin) < age(a.trigger_made_by)
  from announcing as a
  join pg_catalog.pg_class as c on c.oid in (a.root, a.member)
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where not a.by_oid
  union
  -- A partition that was made later has no trigger for TRUNCATE, which gives it another file. (32: TRUNCATE.)
  select tree.root, 'file ' || c.oid::text || ' ' || c.relfilenode::text, null, false
  from tree
  join pg_catalog.pg_class as c on c.oid = tree.member
  where c.relkind = 'r' and not exists (
    select from announcing as a where a.root = tree.root and a.member = tree.member and a.type & 32 = 32
  )
)
select
  root::int8::text as oid,
  hashtextextended(string_agg(fact || ' ' || coalesce(made_by::text, ''), ';' order by fact collate "C", made_by::text collate "C"), 0)::text as since,
  bool_or(unlocked) as unlocked
from facts
group by root
