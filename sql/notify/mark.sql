-- A notification to oneself ($1: one's own channel, $2: which). It comes after those of every transaction
-- that committed before it: the queue is in the order of commits.
select pg_catalog.pg_notify($1, $2)
