-- $1: a schema. All in it that has rows of its own, and the extension that it belongs to, if any.
select
  c.oid,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
  c.relkind as kind,
  (
    select pg_catalog.quote_ident(e.extname)
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_extension as e on e.oid = d.refobjid
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      and d.refclassid = 'pg_catalog.pg_extension'::regclass
  ) as extension
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = $1 and c.relkind in ('r', 'p', 'f', 'm')
order by c.relname
