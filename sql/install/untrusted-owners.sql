-- Who could replace what runs in the transactions of all who write to watched tables: the owners of the schema
-- pgcachewatch and of the functions in it that have our names, and the roles that may create in the schema. A row
-- for each that is neither a superuser, nor the database's owner, nor this role, nor can act as one of these.
--
-- The owner of all watched tables is among them: it could put triggers of its own on these tables. So it is no
-- danger as long as no other role's table is watched (owns_tables).
with
database as (
  select d.datdba as owner, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)) as owner_name
  from pg_catalog.pg_database as d
  where d.datname = pg_catalog.current_database()
),
-- A superuser is a member of every role.
trusted as (
  select r.oid
  from pg_catalog.pg_roles as r cross join database as d
  where pg_catalog.pg_has_role(r.oid, d.owner, 'MEMBER') or pg_catalog.pg_has_role(r.oid, current_user, 'MEMBER')
    or r.rolname = 'pg_database_owner'
),
-- A group without a login is as good as its members: whoever may SET ROLE to it owns what it owns.
members as (
  select g.oid as role_group, m.oid as member
  from pg_catalog.pg_roles as g
  join pg_catalog.pg_roles as m on m.rolcanlogin and not m.rolsuper and pg_catalog.pg_has_role(m.oid, g.oid, 'MEMBER')
  where not g.rolcanlogin
),
trusted_groups as (
  select m.role_group as oid
  from members as m
  group by m.role_group
  having pg_catalog.bool_and(m.member in (select t.oid from trusted as t))
),
ours as (
  select
    p.oid,
    p.proowner,
    case p.prokind when 'f' then 'FUNCTION' else 'ROUTINE' end as kind,
    pg_catalog.format('pgcachewatch.%I(%s)', p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name,
    p.pronargs = 0 and p.prokind = 'f' as called
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = 'pgcachewatch' and p.proname in (
      -- The last two are of an older version.
      'notify_statement', 'notify_row_key', 'notify_row', 'notify_change', 'notify_table_change'
    )
),
held (role, what, statement, position) as (
  select
    n.nspowner,
    'The schema pgcachewatch belongs to %s',
    'ALTER SCHEMA pgcachewatch OWNER TO ' || d.owner_name,
    1
  from pg_catalog.pg_namespace as n cross join database as d
  where n.nspname = 'pgcachewatch'
  union all
  select
    o.proowner,
    'The ' || pg_catalog.lower(o.kind) || ' ' || pg_catalog.replace(o.name, '%', '%%') || ' belongs to %s',
    case when o.called then 'ALTER FUNCTION ' || o.name || ' OWNER TO ' || d.owner_name
      else 'DROP ' || o.kind || ' ' || o.name end,
    2
  from ours as o cross join database as d
  union all
  select
    a.grantee,
    '%s may create in the schema pgcachewatch',
    'REVOKE CREATE ON SCHEMA pgcachewatch FROM '
      || case a.grantee when 0 then 'PUBLIC' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end,
    3
  from pg_catalog.pg_namespace as n
  cross join pg_catalog.aclexplode(n.nspacl) as a
  where n.nspname = 'pgcachewatch' and a.privilege_type = 'CREATE' and a.grantee <> n.nspowner
)
select
  pg_catalog.format(
    h.what, case h.role when 0 then 'Every role' else 'role ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(h.role)) end
  ) || '; such a role can replace what runs in every transaction that writes to a watched table' as refusal,
  h.statement || ';' as statement,
  'Make sure of what is in the schema pgcachewatch, then run as a superuser: ' || h.statement || ';' as remedy,
  'PCW01' as code,
  (
    select coalesce(pg_catalog.bool_and(c.relowner = h.role), false)
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_class as c on c.oid = t.tgrelid
    where t.tgfoid in (select o.oid from ours as o)
  ) as owns_tables
from held as h
where h.role not in (select t.oid from trusted as t union all select g.oid from trusted_groups as g)
order by h.position, h.statement
