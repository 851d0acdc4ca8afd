-- Since when the trees of the tables $1 (oid[]: their roots) have been in the publication $2 as they are. What has left
-- it and come back was not published in between, though it looks the same.
--
-- "youngest": the transaction that came last of those that made it so.
with recursive tree (root, member) as (
  select root, root from unnest($1::oid[]) as root
  union
  select tree.root, i.inhrelid from tree join pg_catalog.pg_inherits as i on i.inhparent = tree.member
),
publication as (
  select p.oid, p.xmin as made_by from pg_catalog.pg_publication as p where p.pubname = $2::text
),
named as (
  select r.prrelid as relation, r.oid, r.xmin as made_by
  from pg_catalog.pg_publication_rel as r
  join publication as p on p.oid = r.prpubid
),
-- The schemas in it, from what depends on what: PostgreSQL 14 has neither such schemas nor their catalog.
schemas as (
  select on_schema.refobjid as schema, on_schema.objid as oid, on_schema.xmin as made_by
  from publication as p
  join pg_catalog.pg_depend as on_publication
    on on_publication.refclassid = 'pg_publication'::regclass and on_publication.refobjid = p.oid
  join pg_catalog.pg_depend as on_schema
    on on_schema.classid = on_publication.classid and on_schema.objid = on_publication.objid
      and on_schema.refclassid = 'pg_namespace'::regclass
),
facts (root, fact, made_by) as (
  select roots.oid, 'publication ' || p.oid::text, p.made_by
  from unnest($1::oid[]) as roots (oid)
  cross join publication as p
  union all
  select tree.root, 'table ' || named.oid::text, named.made_by
  from tree
  join named on named.relation = tree.member
  union all
  select tree.root, 'schema ' || s.oid::text, s.made_by
  from tree
  join pg_catalog.pg_class as c on c.oid = tree.member
  join schemas as s on s.schema = c.relnamespace
  union all
  -- A table that is published by its name can neither leave its place in the publication by another schema nor become
  -- unlogged; any other can, and come back.
  select tree.root, 'relation ' || c.oid::text, c.xmin
  from tree
  join pg_catalog.pg_class as c on c.oid = tree.member
  where not exists (select from named where named.relation = tree.member)
)
select
  root::int8::text as oid,
  hashtextextended(string_agg(fact || ' ' || made_by::text, ';' order by fact collate "C", made_by::text collate "C"), 0)::text as since,
  (array_agg(made_by::text order by age(made_by)))[1] as youngest
from facts
group by root
