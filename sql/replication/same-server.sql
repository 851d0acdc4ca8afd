-- Whether the server that answers is the one with the session that was told of: a process number alone can be
-- another server's, too.
select exists (
  select from pg_catalog.pg_stat_activity a
  where a.pid = :'pid' and extract(epoch from a.backend_start)::text = :'started'
) as same
