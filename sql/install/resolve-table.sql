-- The table $2 (text) of the schema $1 (text) or, where that is null, of the first of the schemas $3 (text[]) that has
-- one; and whether this role may look it up there. Nothing where there is none.
select c.oid, n.nspname::text as schema, has_schema_privilege(n.oid, 'usage') as usable
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relname = $2::text and n.nspname = any (case when $1::text is null then $3::text[] else array[$1::text] end)
order by array_position($3::text[], n.nspname::text)
limit 1
