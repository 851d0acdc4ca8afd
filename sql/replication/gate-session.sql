-- The session beside the stream: what it commits must be in the WAL on disk, where the stream reads it, but on no
-- other server.
select
  pg_catalog.set_config('default_transaction_read_only', 'off', :'local'),
  pg_catalog.set_config('synchronous_commit', 'local', :'local'),
  -- Asked for UTF-8, the server refuses to send names and texts of an SQL_ASCII database that are none.
  pg_catalog.set_config(
    'client_encoding',
    case pg_catalog.current_setting('server_encoding') when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end,
    :'local'
  )
