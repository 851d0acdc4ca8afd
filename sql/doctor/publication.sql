-- What the publication $1 leaves out, and under whose name it tells the changes of partitions.
select
  pg_catalog.array_remove(array[
    case when not p.pubinsert then 'insert' end,
    case when not p.pubupdate then 'update' end,
    case when not p.pubdelete then 'delete' end,
    case when not p.pubtruncate then 'truncate' end
  ], null) as lacking,
  p.pubviaroot as via_root
from pg_catalog.pg_publication as p
where p.pubname = $1
