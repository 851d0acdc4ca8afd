-- The oldest transaction that has written and is still open, in any database: the one that the creation of a
-- slot waits for first. Everybody sees pg_locks; what else is told of a session depends on the role's rights.
select
  l.pid,
  a.application_name,
  a.usename::text as "user",
  a.datname::text as database,
  a.state,
  a.xact_start::text as since,
  pg_catalog.floor(extract(epoch from pg_catalog.clock_timestamp() - coalesce(p.prepared, a.xact_start)))::int
    as age_seconds,
  p.gid as prepared
from pg_catalog.pg_locks l
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
left join pg_catalog.pg_prepared_xacts p on p.transaction = l.transactionid
where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted
  and l.pid is distinct from pg_catalog.pg_backend_pid()
order by pg_catalog.age(l.transactionid) desc
limit 1
