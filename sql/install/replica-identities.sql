-- $1: oids of tables. How logical replication would find the row of each that an UPDATE or DELETE changes.
select
  c.oid,
  c.relpersistence = 'u' as unlogged,
  c.relreplident as identity,
  -- An index that is being built, or is checked at commit only (deferrable), serves for no identity.
  to_json(case when c.relreplident = 'f' then array(
    select a.attname::text
    from pg_catalog.pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    order by a.attnum
  ) else array(
    select a.attname::text
    from pg_catalog.pg_index as x
    cross join pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
    join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attnum
    where x.indrelid = c.oid and k.position <= x.indnkeyatts and x.indisvalid and x.indimmediate
      and case c.relreplident when 'i' then x.indisreplident when 'd' then x.indisprimary else false end
    order by k.position
  ) end) as columns,
  exists (
    select from pg_catalog.pg_index as x
    where x.indrelid = c.oid and x.indisprimary and x.indisvalid and x.indimmediate
  ) as has_primary_key,
  exists (select from pg_catalog.pg_index as x where x.indrelid = c.oid and x.indisprimary) as has_any_primary_key,
  -- The key that rows are told by, as sql/replication/published-tables.sql has it.
  to_json(array(
    select a.attname::text
    from pg_catalog.pg_index as x
    cross join pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
    join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attnum
    where x.indrelid = c.oid and k.position <= x.indnkeyatts
      and case when c.relreplident = 'i' then x.indisreplident else x.indisprimary end
    order by k.position
  )) as key,
  to_json(array(
    select a.attname::text
    from pg_catalog.pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = 's'
    order by a.attnum
  )) as stored_generated,
  exists (
    select from pg_catalog.pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = 'v'
  ) as has_virtual_generated,
  -- An index that could be the identity, the one of the fewest columns first.
  (
    select pg_catalog.quote_ident(i.relname)
    from pg_catalog.pg_index as x
    join pg_catalog.pg_class as i on i.oid = x.indexrelid
    where x.indrelid = c.oid and x.indisunique and x.indisvalid and x.indimmediate
      and x.indpred is null and x.indexprs is null
      and not exists (
        select
        from pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
        join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attnum
        where k.position <= x.indnkeyatts and not a.attnotnull
      )
    order by x.indisprimary desc, x.indnkeyatts, i.relname
    limit 1
  ) as candidate
from pg_catalog.pg_class as c
where c.oid = any ($1::oid[])
