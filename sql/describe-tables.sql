-- The names and the columns of the tables $1 (oid[]), and whether a bare name means them, which is looked up in the
-- schemas $2 (text[]).
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
  (
    select coalesce(json_agg(json_build_object(
      'name', a.attname,
      'typeOid', base.oid::int8,
      'exactType', case
        when base.oid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'oid'::regtype) then 'integer'
        when base.oid = 'bool'::regtype then 'boolean'
        when base.oid = 'uuid'::regtype then 'uuid'
        when base.typtype = 'e' then 'text'
        -- Under a nondeterministic collation, texts that differ can be equal.
        when base.oid in ('text'::regtype, 'varchar'::regtype) and coalesce(l.collisdeterministic, true) then 'text'
      end
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    -- What a query returns of a domain is of the type beneath it.
    join pg_catalog.pg_type base on base.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    left join pg_catalog.pg_collation l on l.oid = a.attcollation
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = any ($1::oid[])
order by n.nspname, c.relname
