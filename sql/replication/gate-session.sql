-- The session beside the stream: it waits for long, and what it commits must be in the WAL on disk, where
-- the stream reads it, but on no other server.
set idle_session_timeout = 0;
set statement_timeout = 0;
set default_transaction_isolation = 'read committed';
set default_transaction_read_only = off;
set synchronous_commit = local;
