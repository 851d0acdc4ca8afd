declare
  lock_timeout_before constant text := pg_catalog.current_setting('lock_timeout');
  search_path_before constant text := pg_catalog.current_setting('search_path');
begin
-- No name is looked up where other roles may create something.
set local search_path = pg_catalog, pg_temp;
-- A session that waits for a lock makes those that come later wait behind it: not for long.
set local lock_timeout = :'lock_timeout';
-- One installation at a time.
perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgcachewatch install', 0));
