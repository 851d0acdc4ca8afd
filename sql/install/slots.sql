-- The replication slots named in $1, those of this database that bear our name, and those of this database that we
-- could read.
select
  s.slot_name as name,
  s.slot_type = 'logical' and s.plugin = 'pgoutput' and s.database = pg_catalog.current_database() as ours,
  s.database = pg_catalog.current_database() and pg_catalog.starts_with(s.slot_name, 'pgcachewatch') as bears_our_name,
  coalesce(s.plugin, s.slot_type) || coalesce(' of database ' || s.database, '') as what,
  s.temporary,
  s.active_pid as pid,
  (
    select coalesce(nullif(a.application_name, ''), 'without a name') || ', role ' || coalesce(a.usename, 'unknown')
    from pg_catalog.pg_stat_activity as a
    where a.pid = s.active_pid
  ) as reader,
  -- In a CASE: neither function may be called on the other kind of server. Null: its WAL is lost.
  pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(
    case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
      else pg_catalog.pg_current_wal_lsn() end,
    s.restart_lsn
  )) as held
from pg_catalog.pg_replication_slots as s
where s.slot_name = any ($1::name[])
  or (
    s.database = pg_catalog.current_database()
    and (s.plugin = 'pgoutput' or pg_catalog.starts_with(s.slot_name, 'pgcachewatch'))
  )
order by s.slot_name
