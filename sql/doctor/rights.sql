-- What this role may do to the tables $1 (oid[]): publishing one takes its owner, a trigger its owner or the
-- right TRIGGER.
select
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)) as owner,
  pg_catalog.pg_has_role(c.relowner, 'USAGE') as owned,
  pg_catalog.pg_has_role(c.relowner, 'USAGE') or pg_catalog.has_table_privilege(c.oid, 'trigger') as may_trigger
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.oid = any ($1::oid[])
order by n.nspname, c.relname
