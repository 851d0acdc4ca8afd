-- PL/pgSQL compiles the whole block before it runs: until the path is pinned, types are looked up where the session
-- looks, so each of them names its schema.
declare
  lock_timeout_before constant pg_catalog.text := pg_catalog.current_setting('lock_timeout');
  search_path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
begin
-- No name is looked up where other roles may create something.
set local search_path = pg_catalog, pg_temp;
-- A session that waits for a lock makes those that come later wait behind it: not for long.
set local lock_timeout = :'lock_timeout';
-- One installation at a time.
perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgcachewatch install', 0));
