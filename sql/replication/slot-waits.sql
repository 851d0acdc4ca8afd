-- Whether a slot that this role creates in this database waits for other people's transactions. A role sees its own
-- sessions in full.
select exists (
  select from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_locks l on l.pid = a.pid
  where a.backend_type = 'walsender'
    and a.datname = pg_catalog.current_database()
    and a.usename = current_user
    and l.locktype = 'transactionid' and not l.granted
) as waits
