select
  pg_catalog.pg_is_in_recovery() as standby,
  pg_catalog.pg_backend_pid()::text as pid,
  (
    select extract(epoch from a.backend_start)::text from pg_catalog.pg_stat_activity a
    where a.pid = pg_catalog.pg_backend_pid()
  ) as started,
  current_setting('server_version_num')::int as version,
  current_setting('wal_level') as wal_level,
  (select setting::int from pg_catalog.pg_settings where name = 'wal_sender_timeout') as wal_sender_timeout_ms,
  exists (select from pg_catalog.pg_publication where pubname = :'publication') as published
