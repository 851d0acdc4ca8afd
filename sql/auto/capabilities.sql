-- What the server offers to this role, as far as the choice of a source depends on it.
--
-- $1 text: the publication; $2 text: the durable slot, or null
select
  pg_catalog.pg_is_in_recovery() as standby,
  current_user::text as role,
  current_setting('wal_level') as wal_level,
  (
    -- Providers grant the right by membership in a role of theirs.
    select r.rolsuper or r.rolreplication or exists (
      select from pg_catalog.pg_roles g
      where g.rolname in ('rds_replication', 'cloudsqlreplica', 'azure_pg_admin')
        and pg_catalog.pg_has_role(r.oid, g.oid, 'member')
    )
    from pg_catalog.pg_roles r
    where r.rolname = current_user
  ) as may_replicate,
  current_setting('max_replication_slots')::int as max_slots,
  (select count(*)::int from pg_catalog.pg_replication_slots where slot_name is distinct from $2) as used_slots,
  exists (select from pg_catalog.pg_replication_slots where slot_name = $2) as has_slot,
  (select active_pid from pg_catalog.pg_replication_slots where slot_name = $2) as slot_reader,
  current_setting('max_wal_senders')::int as max_senders,
  (select count(*)::int from pg_catalog.pg_stat_replication) as used_senders,
  exists (select from pg_catalog.pg_publication where pubname = $1) as published
