-- The tables of the publication $1: for each, or for the root of its tree, whether every kind of change in the whole of
-- the tree is published, by which key, whether with the whole rows before and after, of which columns not every change
-- has the value, and which relations the tree consists of.
--
-- It runs at every catalog check, so its cost grows with the number of tables and no faster: what is asked per table is
-- joined once for all of them.
--
-- $1 text: the publication
with recursive
publication as (
  select p.oid, p.pubname, p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate as tells_all
  from pg_catalog.pg_publication p
  where p.pubname = $1
),
published as materialized (
  -- attrs are the columns that are published. PostgreSQL 14 has no such list, 15 only where one was given.
  -- (By way of jsonb: what a version of the server does not have is null.)
  -- PostgreSQL 14 lists a partition twice where its root is published beside it.
  select distinct on (t.relid) t.relid as relation, nullif(to_jsonb(t) -> 'attrs', 'null') as attrs
  from publication p
  cross join lateral pg_catalog.pg_get_publication_tables(p.pubname) t
),
entries as (
  -- With a row filter, a change of a row that is filtered out is not told.
  select pr.prrelid as relation, to_jsonb(pr) ->> 'prqual' is not null as filtered
  from publication p
  join pg_catalog.pg_publication_rel pr on pr.prpubid = p.oid
),
up as (
  select relation from published
  union
  select i.inhparent from up join pg_catalog.pg_inherits i on i.inhrelid = up.relation
),
tree as (
  select up.relation as root, up.relation as member
  from up
  where not exists (select from pg_catalog.pg_inherits i where i.inhrelid = up.relation)
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
    bool_and(m.relkind = 'p' or m.relreplident = 'f') as images,
    coalesce(bool_or(e.filtered), false) as filtered
  from tree
  join pg_catalog.pg_class m on m.oid = tree.member
  join pg_catalog.pg_namespace n on n.oid = m.relnamespace
  left join published p on p.relation = tree.member
  left join entries e on e.relation = tree.member
  group by tree.root
),
identities as (
  -- The replica identity's index where there is one, else the primary key, as the triggers have it.
  select tree.root, tree.member, array_agg(a.attname::text order by k.ordinality) as columns
  from tree
  join pg_catalog.pg_class m on m.oid = tree.member
  join pg_catalog.pg_index i on i.indrelid = m.oid
    and case when m.relreplident = 'i' then i.indisreplident else i.indisprimary end
  cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, ordinality)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where k.ordinality <= i.indnkeyatts
    -- What a partition logs may be another key than the root's.
    and (tree.member = tree.root or m.relkind <> 'p' and m.relreplident in ('d', 'i'))
  group by tree.root, tree.member
),
keys as (
  select r.root, case when r.inherited then '{}' else coalesce(i.columns, '{}') end as columns
  from roots r
  left join identities i on i.root = r.root and i.member = r.root
),
unpublished as (
  select tree.root, array_agg(distinct a.attname::text) as columns
  from tree
  join published p on p.relation = tree.member
  join pg_catalog.pg_attribute a on a.attrelid = tree.member and a.attnum > 0 and not a.attisdropped
  where case
    when p.attrs is null then a.attgenerated <> ''
    else not p.attrs @> to_jsonb(a.attnum)
  end
  group by tree.root
),
otherwise_identified as (
  select distinct k.root
  from keys k
  join identities i on i.root = k.root
  where not i.columns @> k.columns
)
select
  r.root::int8::text as oid,
  r.members,
  r.member_names as "memberNames",
  r.published and pub.tells_all and not r.filtered as complete,
  k.columns as key,
  r.images,
  -- Every change has the key whole, or is of the whole table.
  case
    when r.images then coalesce(u.columns, '{}')
    when o.root is not null or u.columns && k.columns then k.columns
    else '{}'
  end as untold
from roots r
cross join publication pub
join keys k on k.root = r.root
left join unpublished u on u.root = r.root
left join otherwise_identified o on o.root = r.root
