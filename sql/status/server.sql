-- The server, and what this role may see of it.
select
  pg_catalog.current_setting('server_version') as version,
  pg_catalog.current_database() as database,
  current_user::text as role,
  pg_catalog.pg_is_in_recovery() as standby,
  pg_catalog.current_setting('wal_level') as wal_level,
  -- In megabytes; -1 for no limit.
  (
    select s.setting::int8 * 1024 * 1024
    from pg_catalog.pg_settings as s
    where s.name = 'max_slot_wal_keep_size' and s.setting <> '-1'
  )::float8 as slot_limit_bytes,
  -- Of other roles' processes, whoever has less rights is told no addresses and no times.
  pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as sees_all_processes
