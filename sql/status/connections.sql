-- The connections to this database that sources of ours have open, as far as their names tell: a connection
-- string can give another application_name.
select
  a.pid,
  a.application_name as application,
  a.usename as role,
  pg_catalog.host(a.client_addr) as address,
  a.backend_start as since
from pg_catalog.pg_stat_activity as a
where a.datname = pg_catalog.current_database()
  and pg_catalog.starts_with(a.application_name, 'pgcachewatch ')
order by a.application_name, a.pid
