-- The session beside the stream: what it commits must be in the WAL on disk, where the stream reads it, but on no
-- other server.
select
  pg_catalog.set_config('default_transaction_read_only', 'off', :'local'),
  pg_catalog.set_config('synchronous_commit', 'local', :'local')
