-- The listening session's own settings. Nothing that it commits needs to be durable.
set synchronous_commit = off;
-- What this process of the server has not sent stays in the queue, of which there is one for everybody, and a full one
-- fails their commits. A client that takes nothing for so long (Linux counts a closed window, too) is given up.
set tcp_user_timeout = :'tcp_user_timeout';
