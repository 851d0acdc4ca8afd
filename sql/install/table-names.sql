-- Every table that could be meant, as it has to be written where a bare name is looked up in the schemas $1 (text[]),
-- and as it stands in the catalog.
select
  case
    when c.oid is not distinct from (
      select v.oid
      from pg_catalog.pg_class as v
      join pg_catalog.pg_namespace as vn on vn.oid = v.relnamespace
      where v.relname = c.relname and vn.nspname = any ($1::text[])
      order by array_position($1::text[], vn.nspname::text)
      limit 1
    ) then pg_catalog.format('%I', c.relname)
    else pg_catalog.format('%I.%I', n.nspname, c.relname)
  end as written,
  n.nspname as schema,
  c.relname as table
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and not c.relispartition and c.oid >= 16384
  and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
order by written
