-- Why the server refuses UPDATE or DELETE on tables and on those below them, a row for each table, publication and
-- reason. Read from the catalog, by the rules of the server itself: CheckCmdReplicaIdentity (execReplication.c),
-- RelationBuildPublicationDesc (relcache.c), pub_rf_contains_invalid_column and pub_contains_invalid_column
-- (publicationcmds.c). To have the server plan an UPDATE instead would run the rules and the immutable functions of
-- the table's owner, with the rights of whoever installs.
--
-- The variables are arrays of qualified names, quoted where SQL needs it: "tables", and "full", those of them that
-- are judged as if they had REPLICA IDENTITY FULL. (By way of jsonb: what a version of the server does not have is
-- null.)
with recursive
trees (oid) as (
  select c.oid
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where pg_catalog.format('%I.%I', n.nspname, c.relname) = any (:'tables'::text[])
  union
  select i.inhrelid from trees as t join pg_catalog.pg_inherits as i on i.inhparent = t.oid
),
-- What can be published at all, and has rows of its own (is_publishable_class).
candidates as (
  select
    c.oid as relation,
    c.relispartition,
    pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
    case when pg_catalog.format('%I.%I', n.nspname, c.relname) = any (:'full'::text[]) then 'f' else c.relreplident end
      as identity
  from trees as t
  join pg_catalog.pg_class as c on c.oid = t.oid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence = 'p' and c.oid >= 16384
),
-- With the index that the server takes as the identity (RelationGetIndexList).
relations as (
  select
    c.*,
    (
      select x.indexrelid
      from pg_catalog.pg_index as x
      where x.indrelid = c.relation and x.indislive and x.indisunique and x.indpred is null
        and x.indisvalid and x.indimmediate
        and case c.identity when 'd' then x.indisprimary when 'i' then x.indisreplident else false end
    ) as index
  from candidates as c
),
identity_columns as (
  select r.relation, a.attname, a.attgenerated
  from relations as r
  join pg_catalog.pg_index as x on x.indexrelid = r.index
  cross join pg_catalog.unnest(x.indkey::int2[]) with ordinality as k (attnum, position)
  join pg_catalog.pg_attribute as a on a.attrelid = r.relation and a.attnum = k.attnum
  where k.position <= x.indnkeyatts
),
-- A partition is published with what is above it, a child by inheritance is not.
ancestors (relation, oid, depth) as (
  select r.relation, r.relation, 0 from relations as r
  union all
  select a.relation, i.inhparent, a.depth + 1
  from ancestors as a
  join pg_catalog.pg_class as c on c.oid = a.oid and c.relispartition
  join pg_catalog.pg_inherits as i on i.inhrelid = a.oid and not i.inhdetachpending
),
-- pg_publication_namespace is not there before PostgreSQL 15; its dependencies tell the same.
published_schemas (publication, schema) as (
  select p.refobjid, n.refobjid
  from pg_catalog.pg_depend as p
  join pg_catalog.pg_depend as n on n.classid = p.classid and n.objid = p.objid
  where p.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')
    and p.refclassid = 'pg_catalog.pg_publication'::regclass
    and n.refclassid = 'pg_catalog.pg_namespace'::regclass
),
-- Which of a table and its ancestors each publication names, by itself or by its schema.
named (relation, publication, oid, depth) as (
  select a.relation, r.prpubid, a.oid, a.depth
  from ancestors as a join pg_catalog.pg_publication_rel as r on r.prrelid = a.oid
  union
  select a.relation, s.publication, a.oid, a.depth
  from ancestors as a
  join pg_catalog.pg_class as c on c.oid = a.oid
  join published_schemas as s on s.schema = c.relnamespace
),
-- Each table with each publication that it is in, and the entry whose columns and filter count.
published as (
  select
    r.relation,
    r.name,
    r.identity,
    r.index,
    p.pubname,
    p.pubupdate,
    p.pubdelete,
    pg_catalog.to_jsonb(p) ->> 'pubgencols' as generated,
    pg_catalog.to_jsonb(e) -> 'prattrs' as list,
    pg_catalog.to_jsonb(e) ->> 'prqual' as filter,
    e.prrelid as published_as
  from relations as r
  cross join pg_catalog.pg_publication as p
  left join pg_catalog.pg_publication_rel as e on e.prpubid = p.oid and e.prrelid = case
    when p.pubviaroot and r.relispartition then coalesce(
      (
        select m.oid from named as m
        where m.relation = r.relation and m.publication = p.oid and m.depth > 0
        order by m.depth desc
        limit 1
      ),
      r.relation
    )
    else r.relation
  end
  where (p.pubupdate or p.pubdelete)
    and (p.puballtables or exists (select from named as m where m.relation = r.relation and m.publication = p.oid))
),
refusals as (
  select p.*, 1 as rank, '55000' as code, 'no replica identity says which row is meant' as reason
  from published as p
  where p.index is null and p.identity <> 'f'
  union all
  select p.*, 2, '42P10', 'its row filter uses columns outside of the replica identity'
  from published as p
  where p.filter is not null and p.identity <> 'f'
    -- The columns of an expression as pg_node_tree writes it; no constant or name in it can look like this.
    and exists (
      select
      from pg_catalog.regexp_matches(p.filter, ':varattno (-?[0-9]+)', 'g') as used (attnum)
      where not exists (
        select
        from pg_catalog.pg_attribute as a
        join identity_columns as i on i.relation = p.relation and i.attname = a.attname
        where a.attrelid = p.published_as and a.attnum = used.attnum[1]::int
      )
    )
  union all
  select p.*, 3, '42P10', case p.identity
    when 'f' then 'REPLICA IDENTITY FULL allows no column list, and it has one'
    else 'its column list leaves out columns of the replica identity'
  end
  from published as p
  where nullif(p.list, 'null') is not null
    and (
      p.identity = 'f' or exists (
        select
        from identity_columns as i
        where i.relation = p.relation and not exists (
          select
          from pg_catalog.jsonb_array_elements_text(p.list) as k (attnum)
          join pg_catalog.pg_attribute as a on a.attrelid = p.published_as and a.attnum = k.attnum::int
          where a.attname = i.attname
        )
      )
    )
  union all
  -- PostgreSQL 18 and later.
  select p.*, 4, '42P10', 'the replica identity has generated columns that it does not publish'
  from published as p
  where p.generated is not null
    and case
      when p.identity = 'f' then exists (
        select
        from pg_catalog.pg_attribute as a
        where a.attrelid = p.relation and a.attnum > 0 and not a.attisdropped
          and (a.attgenerated = 'v' or (a.attgenerated = 's' and p.generated <> 's'))
      )
      else nullif(p.list, 'null') is null and exists (
        select
        from identity_columns as i
        where i.relation = p.relation
          and (i.attgenerated = 'v' or (i.attgenerated = 's' and p.generated <> 's'))
      )
    end
)
select
  r.relation as oid,
  r.name,
  r.pubname as publication,
  r.pubupdate as refuses_update,
  r.pubdelete as refuses_delete,
  r.code,
  pg_catalog.format(
    '%s on %s, which the publication %I publishes: %s',
    case when r.pubupdate and r.pubdelete then 'UPDATE and DELETE' when r.pubupdate then 'UPDATE' else 'DELETE' end,
    r.name,
    r.pubname,
    r.reason
  ) as refusal,
  case r.rank
    when 1 then pg_catalog.format('Give %s a replica identity, a primary key at best', r.name)
    when 4 then pg_catalog.format(
      'Have the publication %I publish stored generated columns, or give %s a replica identity without generated columns',
      r.pubname, r.name
    )
    else pg_catalog.format(
      'Take %s out of the publication %I, or publish it there with all the columns of its replica identity and no filter on others',
      r.name, r.pubname
    )
  end as remedy
from refusals as r
order by r.name, r.rank, r.pubname
