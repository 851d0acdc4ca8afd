-- $1: a table's name as written in SQL. Null where there is none.
select pg_catalog.to_regclass($1)::pg_catalog.oid as oid
