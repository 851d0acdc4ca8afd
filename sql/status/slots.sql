-- The replication slots of this database that pgoutput decodes, which are those that we can read. (By way of
-- jsonb: what a version of the server does not have is null.)
with wal (position) as (
  -- In a CASE: neither function may be called on the other kind of server.
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
    else pg_catalog.pg_current_wal_lsn() end
)
select
  s.slot_name as name,
  s.temporary,
  s.active_pid as pid,
  a.application_name as application,
  a.usename as role,
  pg_catalog.host(a.client_addr) as address,
  s.confirmed_flush_lsn::text as confirmed_lsn,
  pg_catalog.pg_wal_lsn_diff(wal.position, s.confirmed_flush_lsn)::float8 as lag_bytes,
  pg_catalog.pg_wal_lsn_diff(wal.position, s.restart_lsn)::float8 as held_bytes,
  s.wal_status,
  s.safe_wal_size::float8 as safe_bytes,
  pg_catalog.to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason,
  (pg_catalog.to_jsonb(s) ->> 'inactive_since')::timestamptz as inactive_since,
  coalesce((pg_catalog.to_jsonb(s) ->> 'synced')::boolean, false) as synced
from pg_catalog.pg_replication_slots as s
cross join wal
left join pg_catalog.pg_stat_activity as a on a.pid = s.active_pid
where s.plugin = 'pgoutput' and s.database = pg_catalog.current_database()
order by s.slot_name
