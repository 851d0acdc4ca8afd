-- How much of the server's queue of notifications is in use, from 0 to 1. It is one for all databases; what one
-- listener has not read yet stays in it.
select pg_catalog.pg_notification_queue_usage() as usage
