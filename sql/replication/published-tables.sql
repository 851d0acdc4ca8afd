-- The tables of the publication $1: for each, or for the root of its tree, whether every kind of change in
-- the whole of the tree is published, by which key, whether with the whole rows before and after, and which relations the tree consists of.
--
-- $1 text: the publication
with recursive
published as (
  select c.oid as relation
  from pg_catalog.pg_publication_tables t
  join pg_catalog.pg_namespace n on n.nspname = t.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
  where t.pubname = $1
),
ancestors as (
  select relation, relation as ancestor from published
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
    array_agg(tree.member::int8::text order by tree.member) as members,
    array_agg(n.nspname || '.' || m.relname order by tree.member) as member_names,
    -- A partitioned table has no rows of its own, and is not told of: its partitions are.
    bool_and(m.relkind = 'p' or p.relation is not null) as published,
    bool_or(m.relkind = 'r' and not m.relispartition and tree.member <> tree.root) as inherited,
    -- A partitioned table's own replica identity is not what its partitions log.
    bool_and(m.relkind = 'p' or m.relreplident = 'f') as images
  from tree
  join pg_catalog.pg_class m on m.oid = tree.member
  join pg_catalog.pg_namespace n on n.oid = m.relnamespace
  left join published p on p.relation = tree.member
  group by tree.root
)
select
  r.root::int8::text as oid,
  r.members,
  r.member_names as "memberNames",
  r.published
    and (select pubinsert and pubupdate and pubdelete and pubtruncate from pg_catalog.pg_publication where pubname = $1)
    -- With a row filter, a change of a row that is filtered out is not told. (By way of jsonb: PostgreSQL 14
    -- has no such column.)
    and not exists (
      select from pg_catalog.pg_publication_rel pr
      join pg_catalog.pg_publication pub on pub.oid = pr.prpubid
      where pub.pubname = $1 and pr.prrelid::int8::text = any (r.members) and to_jsonb(pr) ->> 'prqual' is not null
    ) as complete,
  case when r.inherited then '{}' else coalesce((
    -- The replica identity's index where there is one, else the primary key, as the triggers have it.
    select array_agg(a.attname::text order by k.ordinality)
    from pg_catalog.pg_index i
    cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, ordinality)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = r.root
      and k.ordinality <= i.indnkeyatts
      and case when c.relreplident = 'i' then i.indisreplident else i.indisprimary end
  ), '{}') end as key,
  r.images
from roots r
join pg_catalog.pg_class c on c.oid = r.root
