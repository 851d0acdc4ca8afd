-- Every replication slot of the server, and how much WAL it holds. What a version does not have is null.
with position as (
  select case
    when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
    else pg_catalog.pg_current_wal_lsn()
  end as lsn
)
select
  s.slot_name as name,
  s.plugin,
  s.slot_type as type,
  s.database,
  s.database = pg_catalog.current_database() as here,
  s.temporary,
  s.active_pid,
  (select a.application_name from pg_catalog.pg_stat_activity as a where a.pid = s.active_pid) as active_application,
  s.confirmed_flush_lsn::text as confirmed,
  s.restart_lsn is null or s.wal_status is not distinct from 'lost' as lost,
  s.wal_status,
  pg_catalog.pg_wal_lsn_diff(position.lsn, s.restart_lsn)::float8 as held_bytes,
  pg_catalog.pg_wal_lsn_diff(position.lsn, s.confirmed_flush_lsn)::float8 as lag_bytes
from pg_catalog.pg_replication_slots as s, position
order by s.slot_name
