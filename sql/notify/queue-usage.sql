-- How full the server's queue of notifications is, from 0 to 1. To ask also empties it of what everybody has read:
-- once it is full, no commit does that any more, and all that notify would go on failing after the listener that held
-- it has gone.
select pg_catalog.pg_notification_queue_usage() as usage
