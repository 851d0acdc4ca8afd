-- $1: oids of tables, $2: the publications that will not publish them any longer, $3: more tables, as SQL reads
-- their names. What there is now: whether another publication needs the identity that they have.
with recursive wanted (oid) as (
  select oid from pg_catalog.unnest($1::oid[]) as oid
  union
  select pg_catalog.to_regclass(name)::oid from pg_catalog.unnest($3::text[]) as name
), above (relation, oid) as (
  select oid, oid from wanted
  union
  select a.relation, i.inhparent from above as a join pg_catalog.pg_inherits as i on i.inhrelid = a.oid
)
select
  c.oid,
  n.nspname as schema,
  c.relname as table,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  c.relreplident as identity,
  exists (
    select
    from above as a
    join pg_catalog.pg_class as ac on ac.oid = a.oid
    join pg_catalog.pg_namespace as an on an.oid = ac.relnamespace
    join pg_catalog.pg_publication_tables as t on t.schemaname = an.nspname and t.tablename = ac.relname
    where a.relation = c.oid and not t.pubname = any ($2::name[])
  ) as published_elsewhere
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.oid in (select w.oid from wanted as w)
