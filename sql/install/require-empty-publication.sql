-- PL/pgSQL. With the publication, what others have put into it since would go: tables, or whole schemas. (These are found
-- by what depends on what, since PostgreSQL 14 has no catalog of them.)
if exists (
  select
  from pg_catalog.pg_publication as p
  join pg_catalog.pg_depend as d
    on d.refclassid operator(pg_catalog.=) 'pg_catalog.pg_publication'::pg_catalog.regclass::pg_catalog.oid
      and d.refobjid operator(pg_catalog.=) p.oid
  where p.pubname operator(pg_catalog.=) :'publication'::pg_catalog.name
) then
  raise exception 'Other tables or schemas are published by % since', pg_catalog.quote_ident(:'publication')
    using errcode = 'dependent_objects_still_exist', hint = 'Run pgcachewatch uninstall, with the tables that are to go.';
end if;
