begin;
-- Creating a trigger waits for the table's writers, and whoever comes after it waits behind it: not long.
set local lock_timeout = '5s';
-- One installation at a time.
select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgcachewatch install', 0));
