-- The transactions of this database that are prepared, the oldest first.
select p.gid
from pg_catalog.pg_prepared_xacts as p
where p.database = pg_catalog.current_database()
order by p.prepared
