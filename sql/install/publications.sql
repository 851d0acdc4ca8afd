-- $1: the name of a publication, or null for those with a comment that begins with $2. Each, with the tables
-- that it names. (By way of jsonb: what a version of the server does not have is null.)
select
  p.pubname as name,
  pg_catalog.quote_ident(p.pubname) as quoted,
  p.puballtables as all_tables,
  p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate and not p.pubviaroot as tells_all,
  pg_catalog.concat_ws(
    ', ',
    case when p.pubinsert then 'insert' end,
    case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end,
    case when p.pubtruncate then 'truncate' end
  ) as publish,
  p.pubviaroot as via_root,
  -- A boolean would be none of an enumeration: since PostgreSQL 18, 's' for stored.
  to_jsonb(p) ->> 'pubgencols' as generated,
  pg_catalog.obj_description(p.oid, 'pg_publication') as comment,
  pg_catalog.pg_has_role(p.pubowner, 'USAGE') as owned,
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.pubowner)) as owner,
  coalesce(
    (
      select pg_catalog.json_agg(json_build_object(
        'oid', c.oid::int8,
        'schema', n.nspname,
        'table', c.relname,
        'name', pg_catalog.format('%I.%I', n.nspname, c.relname),
        'filtered', to_jsonb(r) ->> 'prqual' is not null,
        'columns', (
          select pg_catalog.json_agg(a.attname order by a.attnum)
          from pg_catalog.jsonb_array_elements_text(nullif(to_jsonb(r) -> 'prattrs', 'null')) as k (attnum)
          join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = k.attnum::int
        )
      ) order by n.nspname, c.relname)
      from pg_catalog.pg_publication_rel as r
      join pg_catalog.pg_class as c on c.oid = r.prrelid
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      where r.prpubid = p.oid
    ),
    '[]'
  ) as entries
from pg_catalog.pg_publication as p
where p.pubname = $1
  or ($1 is null and pg_catalog.starts_with(pg_catalog.obj_description(p.oid, 'pg_publication'), $2))
order by p.pubname
