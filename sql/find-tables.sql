-- What the names $1 (text[], for the answer) mean: of each, the schema is in $2 (text[], null for a bare name) and
-- the table in $3 (text[]); $4 (text[]) are the schemas that a bare name is looked up in. The oid is that of the
-- table, or of the root of its tree where it is a partition or a child.
with recursive named as (
  select u.name, u.ordinality, (
    select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relname = u.relation and n.nspname = any (case when u.schema is null then $4::text[] else array[u.schema] end)
    order by array_position($4::text[], n.nspname::text)
    limit 1
  ) as relation
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as u (name, schema, relation, ordinality)
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
