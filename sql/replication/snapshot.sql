-- Which transactions a query that starts now can see.
select pg_catalog.pg_current_snapshot()::text as snapshot
