-- Which of the transactions $1 (text[]: their ids) have not ended. A transaction holds a lock on its own id until
-- queries can see what it did, also while it is prepared.
select l.transactionid::text as xid
from pg_catalog.pg_locks as l
where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted and l.transactionid::text = any ($1::text[])
