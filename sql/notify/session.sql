-- The listening session's own settings: it waits for long, and nothing that it commits needs to be durable.
set idle_session_timeout = 0;
set synchronous_commit = off;
-- LISTEN on the channel of the changes, and on one of our own, for notifications to ourselves.
listen :"channel";
listen :"own_channel";
