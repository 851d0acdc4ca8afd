-- Whose sessions in this database begin with session_replication_role = replica. Null: anybody's.
select
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(nullif(s.setrole, 0))) as role,
  case when s.setdatabase <> 0 then pg_catalog.quote_ident(pg_catalog.current_database()) end as database
from pg_catalog.pg_db_role_setting as s
where s.setdatabase in (0, (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()))
  and 'session_replication_role=replica' = any (s.setconfig)
order by 1, 2
