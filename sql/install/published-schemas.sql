-- PostgreSQL 15 and later. The schemas of which the publication $1 publishes every table.
select n.nspname as schema, pg_catalog.quote_ident(n.nspname) as quoted
from pg_catalog.pg_publication_namespace as pn
join pg_catalog.pg_publication as p on p.oid = pn.pnpubid
join pg_catalog.pg_namespace as n on n.oid = pn.pnnspid
where p.pubname = $1
order by n.nspname
