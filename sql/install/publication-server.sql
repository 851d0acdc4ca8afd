-- What a publication depends on beside the tables.
select
  pg_catalog.current_setting('server_version_num')::int as version,
  pg_catalog.current_setting('wal_level') as wal_level,
  pg_catalog.quote_ident(current_user) as role,
  pg_catalog.quote_ident(pg_catalog.current_database()) as database
