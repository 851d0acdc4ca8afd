-- The slot as it stands. What a version of the server does not have is null.
select
  s.plugin,
  s.slot_type as type,
  s.database,
  s.database = current_database() as here,
  s.temporary,
  s.active_pid,
  (select a.application_name from pg_catalog.pg_stat_activity a where a.pid = s.active_pid) as active_application,
  s.confirmed_flush_lsn::text as confirmed,
  s.restart_lsn is null or s.wal_status is not distinct from 'lost' as lost,
  -- Whether what is published of the watched tables may be younger than what the slot will decode next: then changes
  -- that the slot has kept may not be published. catalog_xmin is as old as the catalog that it may still need.
  exists (
    select from pg_catalog.unnest(:'published_by'::pg_catalog.xid[]) as by (xid)
    where pg_catalog.age(by.xid) <= pg_catalog.age(s.catalog_xmin)
  ) as republished
from pg_catalog.pg_replication_slots s
where s.slot_name = :'slot'
