-- The function of triggers FOR EACH ROW, for tables of level key whose key's texts depend on no setting (integers, texts,
-- uuids and the like), and for tables of level table that need row triggers, such as partitioned ones. The rules are those
-- at the top of statement-function.sql.
--
-- It tries three ways, one after the other:
--
-- 1. Static SQL, for a key that is called id, or consists of the table's first column or its first two: those can be
--    given names in SQL without knowing the ones they have.
-- 2. Dynamic SQL, which is planned anew each time and costs several times as much. Here come the other keys, and sessions
--    that have planned the first way for a column that has another type by now.
-- 3. The whole table. Here comes a row that cannot be announced by its key, or not by this role; then no more rows of the
--    transaction are announced.
create or replace function pgcachewatch.notify_row_key() returns trigger
  language plpgsql
  security invoker
as $function$
#variable_conflict use_variable
declare
  noted pg_catalog.text;
  root pg_catalog.oid;  -- of the partitions, and its schema and name: where tg_relid is one of them
  names pg_catalog.text[];
  columns pg_catalog.text[];
  keys pg_catalog.text;
  key_after pg_catalog.text;  -- as a JSON array
  key_before pg_catalog.text;
  payload pg_catalog.text;
  done pg_catalog.text;  -- nothing: but an assignment calls a function for half the price of PERFORM
begin
  <<quick>>
  begin
    noted := pg_catalog.current_setting(pg_catalog.concat('pgcachewatch.', tg_op, '_', tg_relid), true);
    if noted operator(pg_catalog.=) 'all' then
      return null;
    end if;
    -- The partitions of a table count its rows together, and go by its name: the name of now.
    if pg_catalog.pg_partition_root(tg_relid) operator(pg_catalog.<>) tg_relid then
      root := pg_catalog.pg_partition_root(tg_relid);
      noted := pg_catalog.current_setting(pg_catalog.concat('pgcachewatch.', tg_op, '_', root), true);
      if noted operator(pg_catalog.=) 'all' then
        -- So that its next row need not look for the root.
        done := pg_catalog.set_config(pg_catalog.concat('pgcachewatch.', tg_op, '_', tg_relid), 'all', true);
        return null;
      end if;
      names := (pg_catalog.pg_identify_object_as_address(1259, root, 0)).object_names;  -- 1259: pg_class
    end if;

    if tg_argv[0] operator(pg_catalog.=) 'key' then
      if tg_argv[1] operator(pg_catalog.=) '{id}' then
        key_after := case when new.id is not null then pg_catalog.json_build_array(pg_catalog.concat(new.id)) end;
        key_before := case when old.id is not null then pg_catalog.json_build_array(pg_catalog.concat(old.id)) end;
      else
        columns := tg_argv[1];
        exit quick when (
          columns[1] operator(pg_catalog.=) (pg_catalog.pg_identify_object_as_address(1259, tg_relid, 1)).object_names[3]
        ) is not true;
        if columns[2] is null then
          select
            case when a.k is not null then pg_catalog.json_build_array(pg_catalog.concat(a.k)) end,
            case when b.k is not null then pg_catalog.json_build_array(pg_catalog.concat(b.k)) end
          into key_after, key_before
          from (select (new).*) as a (k), (select (old).*) as b (k);
        else
          exit quick when columns[3] is not null or (
            columns[2] operator(pg_catalog.=) (pg_catalog.pg_identify_object_as_address(1259, tg_relid, 2)).object_names[3]
          ) is not true;
          select
            case when a.k is not null and a.l is not null then
              pg_catalog.json_build_array(pg_catalog.concat(a.k), pg_catalog.concat(a.l))
            end,
            case when b.k is not null and b.l is not null then
              pg_catalog.json_build_array(pg_catalog.concat(b.k), pg_catalog.concat(b.l))
            end
          into key_after, key_before
          from (select (new).*) as a (k, l), (select (old).*) as b (k, l);
        end if;
      end if;
    end if;

    -- 6000 bytes of keys fit into a payload, whatever the names. A null identifies no row.
    exit quick when tg_argv[0] operator(pg_catalog.=) 'key' and (
      pg_catalog.octet_length(pg_catalog.concat(key_after, key_before)) operator(pg_catalog.>) 6000
      or (key_after is null and tg_op operator(pg_catalog.<>) 'DELETE')
      or (key_before is null and tg_op operator(pg_catalog.<>) 'INSERT')
      or case when noted operator(pg_catalog.<>) '' then noted::pg_catalog.int4 else 0 end
        operator(pg_catalog.>=) tg_argv[3]::pg_catalog.int4
    );
    done := pg_catalog.concat(
      pg_catalog.set_config(
        pg_catalog.concat('pgcachewatch.', tg_op, '_', coalesce(root, tg_relid)),
        case
          when (tg_argv[0] operator(pg_catalog.=) 'key') is not true then 'all'
          when noted operator(pg_catalog.<>) '' then (noted::pg_catalog.int4 operator(pg_catalog.+) 1)::pg_catalog.text
          else '1'
        end,
        true
      ),
      pg_catalog.pg_notify(tg_argv[2], pg_catalog.concat(
        '{"operation":"', pg_catalog.lower(tg_op collate pg_catalog."C"),
        '","table":', pg_catalog.to_json(coalesce(names[2], tg_table_name::pg_catalog.text)),
        ',"sent_at":"',
        pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        '","schema":', pg_catalog.to_json(coalesce(names[1], tg_table_schema::pg_catalog.text)),
        ',"oid":', coalesce(root, tg_relid), ',"xid":', pg_catalog.pg_current_xact_id(),
        case when tg_argv[0] operator(pg_catalog.=) 'key' then pg_catalog.concat(
          ',"key":', pg_catalog.array_to_json(tg_argv[1]::pg_catalog.text[]),
          ',"rows":[[', coalesce(key_after, key_before),
          case when key_after operator(pg_catalog.<>) key_before then pg_catalog.concat(',', key_before) end,
          ']]'
        ) end,
        '}'
      ))
    );
    return null;
  exception when others then
    null;
  end;

  <<dynamic>>
  begin
    root := coalesce(pg_catalog.pg_partition_root(tg_relid), tg_relid);
    names := (pg_catalog.pg_identify_object_as_address(1259, root, 0)).object_names;
    noted := pg_catalog.current_setting(pg_catalog.concat('pgcachewatch.', tg_op, '_', root), true);
    exit dynamic when (tg_argv[0] operator(pg_catalog.=) 'key') is not true
      or case when noted operator(pg_catalog.<>) '' then noted::pg_catalog.int4 else 0 end
        operator(pg_catalog.>=) tg_argv[3]::pg_catalog.int4;
    -- The columns go unqualified: where one called to_json was dropped, r.to_json would still be to_json(r).
    select pg_catalog.format(
      'select case when %s then pg_catalog.json_build_array(%s)::pg_catalog.text end from (select ($1).*) as pgcachewatch_row',
      pg_catalog.string_agg(pg_catalog.format('%I is not null', c.name), ' and ' order by c.n),
      pg_catalog.string_agg(pg_catalog.format('pg_catalog.concat(%I)', c.name), ',' order by c.n)
    )
    into keys
    from pg_catalog.unnest(tg_argv[1]::pg_catalog.text[]) with ordinality as c (name, n);
    key_after := null;
    key_before := null;
    if tg_op operator(pg_catalog.<>) 'DELETE' then
      execute keys into key_after using new;
    end if;
    if tg_op operator(pg_catalog.<>) 'INSERT' then
      execute keys into key_before using old;
    end if;
    payload := pg_catalog.concat(
      '{"operation":"', pg_catalog.lower(tg_op collate pg_catalog."C"), '","table":', pg_catalog.to_json(names[2]),
      ',"sent_at":"',
      pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
      '","schema":', pg_catalog.to_json(names[1]), ',"oid":', root, ',"xid":', pg_catalog.pg_current_xact_id(),
      ',"key":', pg_catalog.array_to_json(tg_argv[1]::pg_catalog.text[]),
      ',"rows":[[', coalesce(key_after, key_before),
      case when key_after operator(pg_catalog.<>) key_before then pg_catalog.concat(',', key_before) end,
      ']]}'
    );
    exit dynamic when pg_catalog.octet_length(payload) operator(pg_catalog.>) 7999
      or (key_after is null and tg_op operator(pg_catalog.<>) 'DELETE')
      or (key_before is null and tg_op operator(pg_catalog.<>) 'INSERT');
    done := pg_catalog.concat(
      pg_catalog.set_config(
        pg_catalog.concat('pgcachewatch.', tg_op, '_', root),
        (case when noted operator(pg_catalog.<>) '' then noted::pg_catalog.int4 else 0 end
          operator(pg_catalog.+) 1)::pg_catalog.text,
        true
      ),
      pg_catalog.pg_notify(tg_argv[2], payload)
    );
    return null;
  exception when others then
    null;
  end;

  begin
    root := coalesce(root, pg_catalog.pg_partition_root(tg_relid), tg_relid);
    names := (pg_catalog.pg_identify_object_as_address(1259, root, 0)).object_names;
    begin
      execute pg_catalog.format('set local pgcachewatch.%s_%s to ''all''', tg_op, root);
    exception when others then
      null;  -- It is announced more often, then.
    end;
    if pg_catalog.octet_length(tg_argv[2]) operator(pg_catalog.>) 63 then
      raise name_too_long;  -- NOTIFY would cut it.
    end if;
    execute pg_catalog.format('notify %I, %L', coalesce(tg_argv[2], 'ch_pgcachewatch_table_change'), pg_catalog.concat(
      '{"operation":"', pg_catalog.lower(tg_op collate pg_catalog."C"), '","table":', pg_catalog.to_json(names[2]),
      ',"sent_at":"',
      pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
      '","schema":', pg_catalog.to_json(names[1]), ',"oid":', root, ',"xid":', pg_catalog.pg_current_xact_id(), '}'
    ));
  exception when others then
    begin
      raise warning 'pgcachewatch could not announce a change of table %.% (SQLSTATE %)',
        pg_catalog.quote_ident(tg_table_schema), pg_catalog.quote_ident(tg_table_name), sqlstate
        using hint = 'Caches keep what they have of this table until its next change.';
    exception when others then
      null;
    end;
  end;
  return null;
end
$function$;

grant execute on function pgcachewatch.notify_row_key() to public;
