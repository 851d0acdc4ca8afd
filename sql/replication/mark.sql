-- A message to oneself, through the WAL: it comes after every transaction that committed before it, and
-- its commit brings theirs to disk. $1: whose, $2: which.
select pg_catalog.pg_logical_emit_message(true, $1, $2)
