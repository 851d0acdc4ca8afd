-- The listening session's own settings. Nothing that it commits needs to be durable.
set synchronous_commit = off;
-- Asked for UTF-8, the server refuses to send names and texts of an SQL_ASCII database that are none.
select pg_catalog.set_config(
  'client_encoding',
  case pg_catalog.current_setting('server_encoding') when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end,
  false
);
-- What this process of the server has not sent stays in the queue, of which there is one for everybody, and a full one
-- fails their commits. A client that takes nothing for so long (Linux counts a closed window, too) is given up.
set tcp_user_timeout = :'tcp_user_timeout';
