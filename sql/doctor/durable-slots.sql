-- The durable slots of pgcachewatch in this database.
select s.slot_name as name
from pg_catalog.pg_replication_slots as s
where not s.temporary and s.database = pg_catalog.current_database()
  and pg_catalog.starts_with(s.slot_name, 'pgcachewatch')
order by 1
