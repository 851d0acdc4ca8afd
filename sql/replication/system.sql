select
  pg_catalog.pg_is_in_recovery() as standby,
  current_setting('server_version_num')::int as version,
  current_setting('wal_level') as wal_level,
  (select setting::int from pg_catalog.pg_settings where name = 'wal_sender_timeout') as wal_sender_timeout_ms,
  exists (select from pg_catalog.pg_publication where pubname = :'publication') as published
