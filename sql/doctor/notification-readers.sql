-- Which of the tables $1 (oid[]) some role may not read, or not all rows of, that may connect to this database.
select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.oid = any ($1::oid[])
  and exists (
    select
    from pg_catalog.pg_roles as r
    where r.rolcanlogin and not r.rolsuper
      and pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT')
      and (
        not pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT')
        or (c.relrowsecurity and not r.rolbypassrls and not pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE'))
      )
  )
order by 1
