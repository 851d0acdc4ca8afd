-- Since when each of the tables $1 (oid[]: the roots of their trees) has consisted of the relations that it consists
-- of, and its columns have meant what they mean. A row of the catalog carries the transaction that made it (xmin), so
-- that a change which was taken back since shows as well: a partition detached and attached again, a type altered and
-- altered back, a value of an enum renamed twice.
--
-- "unlocked": some of it can be altered while a writer of the table is open, who may have written in the old words. (An
-- enum's values can be renamed; a column or a partition cannot be altered without a lock that excludes writers.)
with recursive tree (root, member, made_by) as (
  select root, root, null::xid from unnest($1::oid[]) as root
  union
  select tree.root, i.inhrelid, i.xmin
  from tree
  join pg_catalog.pg_inherits as i on i.inhparent = tree.member
),
types (root, type) as (
  select a.attrelid, a.atttypid
  from pg_catalog.pg_attribute as a
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
  union
  -- What a domain is made of.
  select types.root, t.typbasetype
  from types
  join pg_catalog.pg_type as t on t.oid = types.type
  where t.typtype = 'd'
),
facts (root, fact, made_by) as (
  select root, 'member ' || member::text, made_by from tree where made_by is not null
  union all
  select a.attrelid, 'column ' || a.attnum::text, a.xmin
  from pg_catalog.pg_attribute as a
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
  union all
  -- The types below are those that a server is made with (FirstNormalObjectId).
  select types.root, 'type ' || t.oid::text, t.xmin
  from types
  join pg_catalog.pg_type as t on t.oid = types.type
  where t.oid >= 16384
  union all
  select types.root, 'enum ' || e.oid::text, e.xmin
  from types
  join pg_catalog.pg_enum as e on e.enumtypid = types.type
)
select
  root::int8::text as oid,
  hashtextextended(string_agg(fact || ' ' || made_by::text, ';' order by fact collate "C", made_by::text collate "C"), 0)::text as since,
  bool_or(starts_with(fact, 'enum ')) as unlocked
from facts
group by root
