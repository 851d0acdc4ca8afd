-- What the replicating session needs beside the settings of every session of ours (connection/session.sql): among
-- those, one value has one text, the same one that the triggers send.
--
-- Creating a slot waits for every transaction that is writing, and statement_timeout does not apply to it.
set lock_timeout = :'lock_timeout';
-- In a long transaction of which nothing is published, the server says a word only when half of this is over.
set wal_sender_timeout = :'wal_sender_timeout';
