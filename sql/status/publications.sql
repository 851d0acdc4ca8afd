-- The publications of this database, each with what it publishes. One whose comment begins with $1 is ours.
select
  p.pubname as name,
  coalesce(pg_catalog.starts_with(pg_catalog.obj_description(p.oid, 'pg_publication'), $1), false) as ours,
  p.puballtables as all_tables,
  pg_catalog.concat_ws(
    ', ',
    case when p.pubinsert then 'insert' end,
    case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end,
    case when p.pubtruncate then 'truncate' end
  ) as operations,
  -- Schemas that are published as a whole are among them.
  coalesce(
    (
      select pg_catalog.json_agg(pg_catalog.format('%I.%I', t.schemaname, t.tablename) order by t.schemaname, t.tablename)
      from pg_catalog.pg_publication_tables as t
      where t.pubname = p.pubname
    ),
    '[]'
  ) as tables
from pg_catalog.pg_publication as p
order by ours desc, p.pubname
