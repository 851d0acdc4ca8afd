-- How full the queue of notifications is, of which there is one for all databases, and the oldest open
-- transaction: one that listens keeps the queue from being emptied.
select
  pg_catalog.pg_notification_queue_usage() as usage,
  o.pid,
  o.state,
  o.application_name as application
from (values (1)) as always (one)
left join lateral (
  select a.pid, a.state, a.application_name
  from pg_catalog.pg_stat_activity as a
  where a.xact_start is not null and a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()
  order by a.xact_start
  limit 1
) as o on true
