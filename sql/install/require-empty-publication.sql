-- PL/pgSQL. With the publication, what others have put into it since would go. (It is run under whatever search path
-- the session has: so the operators, too, are qualified.)
if exists (
  select
  from pg_catalog.pg_publication as p
  join pg_catalog.pg_publication_rel as r on r.prpubid operator(pg_catalog.=) p.oid
  where p.pubname operator(pg_catalog.=) :'publication'::pg_catalog.name
) then
  raise exception 'Other tables are published by % since', pg_catalog.quote_ident(:'publication')
    using errcode = 'dependent_objects_still_exist', hint = 'Run pgcachewatch uninstall, with the tables that are to go.';
end if;
