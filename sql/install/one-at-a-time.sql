-- One installation at a time.
select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgcachewatch install', 0));
