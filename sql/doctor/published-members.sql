-- Which of the relations $2 (oid[]) the publication $1 tells of by their own names.
select c.oid
from pg_catalog.pg_publication_tables as t
join pg_catalog.pg_namespace as n on n.nspname = t.schemaname
join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname = t.tablename
where t.pubname = $1 and c.oid = any ($2::oid[])
