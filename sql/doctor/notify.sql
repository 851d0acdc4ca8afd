-- Nothing of it needs to be durable, or to wait for a standby. LOCAL: behind a pooler, the session is others'.
begin;
set local synchronous_commit = off;
select pg_catalog.pg_notify(:'channel', '');
commit;
