declare
  lock_timeout_before constant text := pg_catalog.current_setting('lock_timeout');
begin
-- Who waits for a lock has everybody who comes later wait behind it: not long.
set local lock_timeout = :'lock_timeout';
-- One installation at a time.
perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgcachewatch install', 0));
