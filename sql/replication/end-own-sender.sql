-- Ends our own last connection, which the server holds for alive, and waits until it is gone.
select pg_catalog.pg_terminate_backend(:'pid', 2000)
