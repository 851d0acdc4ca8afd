-- Who holds a lock that conflicts with ours, or holds the lock that lets one install at a time. What is told
-- of another role's session depends on the rights of this one.
--
-- $1 text: the table, as SQL reads its name; null for the lock on installing
-- $2 text[]: the modes that conflict, as pg_locks names them
select
  l.pid,
  nullif(a.application_name, '') as application,
  a.usename::text as role,
  a.backend_type as kind,
  a.state,
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)::float8 as transaction_s,
  pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.query_start)::float8 as query_s,
  p.gid as prepared,
  pg_catalog.max(l.mode) as mode
from pg_catalog.pg_locks as l
left join pg_catalog.pg_stat_activity as a on a.pid = l.pid
-- A prepared transaction has no process, and is known by the lock on itself.
left join pg_catalog.pg_locks as own
  on l.pid is null and own.pid is null and own.locktype = 'transactionid' and own.mode = 'ExclusiveLock'
    and own.virtualtransaction = l.virtualtransaction
left join pg_catalog.pg_prepared_xacts as p on p.transaction = own.transactionid
where l.granted
  and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
  and l.pid is distinct from pg_catalog.pg_backend_pid()
  and case
    when $1::text is not null then
      l.locktype = 'relation' and l.relation = pg_catalog.to_regclass($1::text) and l.mode = any ($2::text[])
    else
      -- How pg_advisory_xact_lock(bigint) shows its key (PostgreSQL documentation, 54.12, pg_locks).
      l.locktype = 'advisory' and l.objsubid = 1
        and (l.classid::int8 << 32) | l.objid::int8 = pg_catalog.hashtextextended('pgcachewatch install', 0)
  end
group by l.pid, a.application_name, a.usename, a.backend_type, a.state, a.xact_start, a.query_start, p.gid
order by a.xact_start
