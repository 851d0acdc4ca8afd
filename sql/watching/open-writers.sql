-- The open transactions that have written to the tables $1 (oid[]: the roots of their trees), as far as the locks
-- tell: a writer holds its lock until it has ended, and whoever has written has a transaction id. One that is being
-- prepared hands its locks over, hence the one look at pg_locks.
with recursive tree (root, member) as (
  select root, root from unnest($1::oid[]) as root
  union
  select tree.root, i.inhrelid from tree join pg_catalog.pg_inherits as i on i.inhparent = tree.member
),
locks as materialized (
  select l.locktype, l.database, l.relation, l.transactionid, l.virtualtransaction, l.mode
  from pg_catalog.pg_locks as l
  where l.granted and l.pid is distinct from pg_backend_pid()
)
select tree.root::int8::text as oid, array_agg(distinct own.transactionid::text) as writers
from tree
join locks as held
  on held.locktype = 'relation' and held.relation = tree.member
    and held.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
    and held.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
join locks as own
  on own.locktype = 'transactionid' and own.mode = 'ExclusiveLock'
    and own.virtualtransaction = held.virtualtransaction
group by tree.root
