-- The schemas of users, and how each has to be written.
select n.nspname as name, pg_catalog.quote_ident(n.nspname) as written
from pg_catalog.pg_namespace as n
where not pg_catalog.starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'
order by n.nspname
