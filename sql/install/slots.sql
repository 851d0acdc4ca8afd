-- The replication slots named in $1, and those of this database that bear our name.
select
  s.slot_name as name,
  s.slot_type = 'logical' and s.plugin = 'pgoutput' and s.database = pg_catalog.current_database() as ours,
  coalesce(s.plugin, s.slot_type) || coalesce(' of database ' || s.database, '') as what,
  s.temporary,
  s.active_pid as pid,
  (
    select coalesce(nullif(a.application_name, ''), 'without a name') || ', role ' || coalesce(a.usename, 'unknown')
    from pg_catalog.pg_stat_activity as a
    where a.pid = s.active_pid
  ) as reader
from pg_catalog.pg_replication_slots as s
where s.slot_name = any ($1::name[])
  or (s.database = pg_catalog.current_database() and pg_catalog.starts_with(s.slot_name, 'pgcachewatch'))
order by s.slot_name
