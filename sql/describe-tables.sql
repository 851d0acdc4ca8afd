-- The names and the columns of the tables $1 (oid[]), and whether a bare name means them, which is looked up in the
-- schemas $2 (text[]).
with recursive
-- What each domain is made of, through the domains between: a query returns a value as of the type at the bottom.
domains as (
  select t.oid as domain, t.typbasetype as base
  from pg_catalog.pg_type t
  where t.typtype = 'd'
  union all
  select d.domain, t.typbasetype
  from domains d
  join pg_catalog.pg_type t on t.oid = d.base and t.typtype = 'd'
),
bases as (
  select d.domain, d.base
  from domains d
  join pg_catalog.pg_type t on t.oid = d.base and t.typtype <> 'd'
),
described as (
  select
    a.attrelid,
    json_agg(json_build_object(
      'name', a.attname,
      'typeOid', base.oid::int8,
      'declaredTypeOid', a.atttypid::int8,
      'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
      'exactType', case
        when base.oid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) then 'integer'
        when base.oid = 'oid'::regtype then 'oid'
        when base.oid = 'bool'::regtype then 'boolean'
        when base.oid = 'uuid'::regtype then 'uuid'
        when base.typtype = 'e' then 'text'
        -- Under a nondeterministic collation, texts that differ can be equal. (A domain's is the column's, unless that has its own.)
        when base.oid in ('text'::regtype, 'varchar'::regtype) and coalesce(l.collisdeterministic, true) then 'text'
      end
    ) order by a.attnum) as columns
  from pg_catalog.pg_attribute a
  left join bases b on b.domain = a.atttypid
  join pg_catalog.pg_type base on base.oid = coalesce(b.base, a.atttypid)
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
  group by a.attrelid
)
select
  c.oid::int8::text as oid,
  n.nspname as schema,
  c.relname as "table",
  c.oid is not distinct from (
    select v.oid
    from pg_catalog.pg_class v
    join pg_catalog.pg_namespace vn on vn.oid = v.relnamespace
    where v.relname = c.relname and vn.nspname = any ($2::text[])
    order by array_position($2::text[], vn.nspname::text)
    limit 1
  ) as visible,
  coalesce(d.columns, '[]') as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join described d on d.attrelid = c.oid
where c.oid = any ($1::oid[])
order by n.nspname, c.relname
