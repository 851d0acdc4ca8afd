-- PostgreSQL 15 and later. The row filters of the publication $1.
select r.prrelid as oid, pg_catalog.pg_get_expr(r.prqual, r.prrelid) as filter
from pg_catalog.pg_publication_rel as r
join pg_catalog.pg_publication as p on p.oid = r.prpubid
where p.pubname = $1 and r.prqual is not null
