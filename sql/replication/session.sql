-- The replicating session's own settings. One value has one text, whatever the role's or the database's
-- settings are, and the same one that the triggers send.
set timezone = 'UTC';
set datestyle = 'ISO, MDY';
set intervalstyle = 'postgres';
set extra_float_digits = 1;
set bytea_output = 'hex';
set search_path = pg_catalog, pg_temp;
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
set statement_timeout = 0;
-- Creating a slot waits for every transaction that is writing, and statement_timeout does not apply to it.
set lock_timeout = :'lock_timeout';
-- In a long transaction of which nothing is published, the server says a word only when half of this is over.
set wal_sender_timeout = :'wal_sender_timeout';
