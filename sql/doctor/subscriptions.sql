-- The subscriptions that write to the tables $1 (oid[]).
select
  r.srrelid as oid,
  pg_catalog.quote_ident(s.subname) as subscription,
  s.subenabled as enabled
from pg_catalog.pg_subscription_rel as r
join pg_catalog.pg_subscription as s on s.oid = r.srsubid
where r.srrelid = any ($1::oid[])
order by 1, 2
