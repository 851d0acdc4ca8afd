-- What the server is, and what it is set to.
select
  pg_catalog.current_setting('server_version') as version_name,
  pg_catalog.current_setting('server_version_num')::int as version,
  pg_catalog.pg_is_in_recovery() as standby,
  pg_catalog.quote_ident(current_user) as role,
  (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) as superuser,
  pg_catalog.quote_ident(pg_catalog.current_database()) as database,
  pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as may_create,
  pg_catalog.pg_backend_pid() as backend_pid,
  (
    select pg_catalog.json_object_agg(s.name, pg_catalog.json_build_object(
      'value', pg_catalog.current_setting(s.name), 'source', s.source, 'restart', s.context = 'postmaster'
    ))
    from pg_catalog.pg_settings as s
    where s.name in (
      'wal_level', 'max_replication_slots', 'max_wal_senders', 'max_prepared_transactions',
      'max_slot_wal_keep_size', 'idle_replication_slot_timeout', 'default_transaction_read_only'
    )
  ) as settings,
  -- What providers leave for everybody to see.
  pg_catalog.json_build_object(
    'settings', (
      select coalesce(pg_catalog.json_agg(distinct pg_catalog.split_part(s.name, '.', 1)), '[]')
      from pg_catalog.pg_settings as s where s.name like '%.%'
    ),
    'roles', (
      select coalesce(pg_catalog.json_agg(r.rolname), '[]')
      from pg_catalog.pg_roles as r
      where r.rolname in ('rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'supabase_admin', 'neon_superuser')
    ),
    'extensions', (select coalesce(pg_catalog.json_agg(e.extname), '[]') from pg_catalog.pg_extension as e)
  ) as traces
