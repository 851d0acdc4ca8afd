-- What the names $1 (text[], quoted identifiers) mean on this session's search path: the oid of the table,
-- or of the root of its tree where it is a partition or a child.
with recursive named as (
  select u.name, u.ordinality, to_regclass(u.name)::oid as relation
  from unnest($1::text[]) with ordinality as u (name, ordinality)
),
up as (
  select ordinality, relation from named
  union
  select up.ordinality, i.inhparent from up join pg_catalog.pg_inherits i on i.inhrelid = up.relation
),
roots as (
  select up.ordinality, up.relation
  from up
  where not exists (select from pg_catalog.pg_inherits i where i.inhrelid = up.relation)
)
select n.name, r.relation::int8::text as oid
from named n
left join roots r on r.ordinality = n.ordinality
order by n.ordinality, r.relation
