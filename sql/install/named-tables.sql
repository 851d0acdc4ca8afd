-- $1: oids of pg_class. What each is, and the roots of the partition or inheritance trees it is in.
with recursive ancestors (named, oid) as (
  select named, named from pg_catalog.unnest($1::oid[]) as named
  union
  select a.named, i.inhparent from ancestors as a join pg_catalog.pg_inherits as i on i.inhrelid = a.oid
)
select
  c.oid,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  c.relkind as kind,
  c.relpersistence = 't' as temporary,
  -- Below it are the objects that initdb makes (FirstNormalObjectId).
  c.oid < 16384 or n.nspname in ('pg_catalog', 'pg_toast', 'information_schema') as system,
  root.oid as root,
  pg_catalog.format('%I.%I', root_schema.nspname, root.relname) as root_name
from ancestors as a
join pg_catalog.pg_class as c on c.oid = a.named
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_class as root on root.oid = a.oid
join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace
where not exists (select from pg_catalog.pg_inherits as i where i.inhrelid = a.oid)
order by c.oid, root.oid
