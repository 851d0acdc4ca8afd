-- Which of the tables that were watched once are there and not watched now: under their oid, or another one under
-- their name. A partition or a child goes by the root of its tree.
--
-- $1 oid[], $2 text[]: the tables and their quoted names of that time; $3 oid[]: what is watched now
with recursive once as (
  select u.ordinality, u.oid, u.name
  from rows from (unnest($1::oid[]), unnest($2::text[])) with ordinality as u (oid, name, ordinality)
),
meant as (
  select once.ordinality, once.oid as relation from once
  union all
  select once.ordinality, to_regclass(once.name)::oid from once
),
up as (
  select m.ordinality, c.oid as relation
  from meant m
  join pg_catalog.pg_class c on c.oid = m.relation
  union
  select up.ordinality, i.inhparent from up join pg_catalog.pg_inherits i on i.inhrelid = up.relation
)
select distinct once.name
from once
join up on up.ordinality = once.ordinality
where not exists (select from unnest($3::oid[]) as w (oid) where w.oid = up.relation)
  and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = up.relation)
order by once.name
