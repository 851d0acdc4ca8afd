-- PL/pgSQL. Locks every table before anything is changed, within one time limit for all of them. Otherwise, sessions
-- that need the first table would wait for as long as all of the others take together.
declare
  give_up_at constant pg_catalog.timestamptz :=
    pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => :'lock_timeout_ms'::float8 / 1000);
  -- A session that waits for longer than deadlock_timeout looks for a deadlock, and may find itself in one with this
  -- one and be cancelled. So locks are held for half of that at most while others are waited for.
  longest_hold constant pg_catalog.interval := (
    select pg_catalog.make_interval(secs => s.setting::float8 / 2000)
    from pg_catalog.pg_settings as s
    where s.name = 'deadlock_timeout'
  );
  hold_until pg_catalog.timestamptz;
  wanted pg_catalog.record;
  first_table pg_catalog.text := '';
  refused pg_catalog.int4;
begin
  loop
    hold_until := null;
    refused := 0;
    begin
      for wanted in
        -- Parents before children, then by oid: the order in which queries lock the tables of a tree.
        with recursive tables (name, mode, relation, ancestor, depth) as (
          select w.name, w.mode, c.oid, c.oid, 0
          from rows from (pg_catalog.unnest(:'tables'::text[]), pg_catalog.unnest(:'modes'::text[])) as w (name, mode)
          left join (
            pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
          ) on pg_catalog.format('%I.%I', n.nspname, c.relname) = w.name
          union all
          select t.name, t.mode, t.relation, i.inhparent, t.depth + 1
          from tables as t join pg_catalog.pg_inherits as i on i.inhrelid = t.ancestor
        )
        select t.name, t.mode, t.relation
        from tables as t
        group by t.name, t.mode, t.relation
        order by t.name = first_table desc, pg_catalog.max(t.depth), t.relation
      loop
        perform pg_catalog.set_config('lock_timeout', greatest(1, pg_catalog.ceil(1000 * pg_catalog.date_part(
          'epoch', least(give_up_at, hold_until) - pg_catalog.clock_timestamp()
        )))::int::text, true);
        begin
          execute pg_catalog.format('lock table only %s in %s mode', wanted.name, wanted.mode);
        exception when insufficient_privilege then
          -- TRIGGER on a table, for one, is no right to LOCK it. Then the statement that needs the lock takes it.
          refused := refused + 1;
        end;
        hold_until := coalesce(hold_until, pg_catalog.clock_timestamp() + longest_hold);
      end loop;
      exit;
    exception when lock_not_available then
      -- By now all locks are released. Next time, this one is waited for before any other is taken.
      first_table := wanted.name;
      if pg_catalog.clock_timestamp() >= give_up_at then
        raise exception 'Could not lock % in mode %: all locks together took longer than % ms', wanted.name, wanted.mode, :'lock_timeout_ms'
          using
            errcode = 'lock_not_available',
            table = wanted.name,
            detail = 'Who holds a lock on it: ' || coalesce((
              select pg_catalog.string_agg(distinct coalesce('pid ' || l.pid::text, 'a prepared transaction') || ' with ' || l.mode, ', ')
              from pg_catalog.pg_locks as l
              where l.locktype = 'relation' and l.granted and l.relation = wanted.relation
                and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
                and l.pid is distinct from pg_catalog.pg_backend_pid()
            ), 'nobody any more'),
            hint = 'Run this again, at a quieter time or with a longer --lock-timeout.';
      end if;
    end;
  end loop;
  perform pg_catalog.set_config('lock_timeout', greatest(1, pg_catalog.ceil(1000 / greatest(refused, 1) * pg_catalog.date_part(
    'epoch', give_up_at - pg_catalog.clock_timestamp()
  )))::int::text, true);
end;
