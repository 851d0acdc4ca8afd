-- What the replicating session needs beside the settings of every session of ours (connection/session.sql): among
-- those, one value has one text, the same one that the triggers send.
--
-- A database of encoding SQL_ASCII holds bytes of any kind, and others hold some that UTF-8 has no character for. Asked
-- for UTF-8, the server ends the stream at such a byte, at every attempt anew. In the database's own encoding it sends all.
select pg_catalog.set_config(
  'client_encoding',
  case
    when pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' or :'as_stored' = 'on'
    then pg_catalog.current_setting('server_encoding')
    else 'UTF8'
  end,
  false
);
-- Creating a slot waits for every transaction that is writing, and statement_timeout does not apply to it.
set lock_timeout = :'lock_timeout';
-- In a long transaction of which nothing is published, the server says a word only when half of this is over.
set wal_sender_timeout = :'wal_sender_timeout';
