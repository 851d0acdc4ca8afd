-- The schemas that a bare name is looked up in, in their order, under the search_path $1 (text[]), as the server
-- itself has it (src/backend/catalog/namespace.c): a schema that is not there, or that this role may not use, is
-- passed over; pg_temp and pg_catalog come first unless they are named.
with named (name, position) as (
  select case when u.name = '$user' then current_user::text else u.name end, u.position
  from unnest($1::text[]) with ordinality as u (name, position)
),
wanted (name, position) as (
  select name, position from named
  union all
  select 'pg_catalog', 0 where not exists (select from named where name = 'pg_catalog')
  union all
  select 'pg_temp', -1 where not exists (select from named where name = 'pg_temp')
)
select n.nspname::text as schema
from wanted as w
join pg_namespace as n on n.nspname = w.name or (w.name = 'pg_temp' and n.oid = pg_my_temp_schema())
where has_schema_privilege(n.oid, 'usage')
group by n.nspname
order by min(w.position)
