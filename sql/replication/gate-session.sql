-- The session beside the stream: it waits for long, and what it commits must be in the WAL on disk, where
-- the stream reads it, but on no other server.
set idle_session_timeout = 0;
-- Asked for UTF-8, the server refuses to send names and texts of an SQL_ASCII database that are none.
select pg_catalog.set_config(
  'client_encoding',
  case pg_catalog.current_setting('server_encoding') when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end,
  false
);
set statement_timeout = 0;
set default_transaction_isolation = 'read committed';
set default_transaction_read_only = off;
set synchronous_commit = local;
