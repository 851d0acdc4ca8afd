-- The function of triggers FOR EACH ROW for all that is not in row-key-function.sql: tables of level row, and keys of types
-- whose texts depend on settings, such as times. The rules are those at the top of statement-function.sql; but this
-- function pins search_path and all settings that decide how a value is written, for listeners compare texts.
--
-- Every row takes dynamic SQL, which names the columns. Where that fails, or nothing shorter fits into a payload, the whole
-- table is announced; then no more rows of the transaction are.
create or replace function pgcachewatch.notify_row() returns trigger
  language plpgsql
  security invoker
  set search_path = pg_catalog, pg_temp
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = 1
  set bytea_output = 'hex'
as $function$
#variable_conflict use_variable
declare
  noted text;
  announced int;
  root oid;  -- of the partitions, with its schema and name
  names text[];
  columns text[];
  keys text;  -- SQL
  images text;
  texts text;
  key_after text;  -- as JSON arrays
  key_before text;
  after text;
  before text;
  head text;
  payload text;
  done text;  -- nothing: but an assignment calls a function for half the price of PERFORM
begin
  <<dynamic>>
  begin
    -- The partitions of a table count its rows together, and go by its name: the name of now.
    root := coalesce(pg_partition_root(tg_relid), tg_relid);
    noted := current_setting(concat('pgcachewatch.', tg_op, '_', root), true);
    if noted = 'all' then
      return null;
    end if;
    announced := case when noted <> '' then noted::int else 0 end;
    exit dynamic when tg_argv[0] = 'table' or announced >= tg_argv[3]::int;

    -- The columns go unqualified: where one called to_json was dropped, r.to_json would still be to_json(r).
    if tg_argv[1] <> '{}' then
      select format(
        'case when %s then json_build_array(%s)::text end',
        string_agg(format('%I is distinct from null', c.name), ' and ' order by c.n),
        string_agg(format('concat(%I)', c.name), ',' order by c.n)
      )
      into strict keys
      from unnest(tg_argv[1]::text[]) with ordinality as c (name, n);
    end if;
    if tg_argv[0] = 'row' then
      select array_agg(a.attname order by a.attnum), format(
        'array_to_json(array[%s]::text[])::text',
        string_agg(format('case when %1$I is distinct from null then concat(%1$I) end', a.attname), ',' order by a.attnum)
      )
      into strict columns, images
      from pg_attribute as a
      where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v';
    end if;
    texts := format('select %s, %s from (select ($1).*) as pgcachewatch_row', coalesce(keys, 'null'), coalesce(images, 'null'));
    if tg_op <> 'DELETE' then
      execute texts into key_after, after using new;
    end if;
    if tg_op <> 'INSERT' then
      execute texts into key_before, before using old;
    end if;
    exit dynamic when keys is not null and (
      (key_after is null and tg_op <> 'DELETE') or (key_before is null and tg_op <> 'INSERT')
    );

    names := (pg_identify_object_as_address(1259, root, 0)).object_names;  -- 1259: pg_class
    head := concat(
      '{"operation":"', lower(tg_op collate "C"), '","table":', to_json(names[2]), ',"sent_at":', to_json(clock_timestamp()),
      ',"schema":', to_json(names[1]), ',"oid":', root, ',"xid":', pg_current_xact_id(),
      ',"key":', array_to_json(tg_argv[1]::text[])
    );
    if tg_argv[0] = 'row' then
      payload := concat(
        head, ',"columns":', array_to_json(columns), ',"rows":[[', coalesce(key_after, key_before, 'null'), ',',
        case when key_after <> key_before then key_before else 'null' end,
        ',', coalesce(before, 'null'), ',', coalesce(after, 'null'), ']]}'
      );
    end if;
    -- The key alone, where the row is too long.
    if tg_argv[0] = 'key' or octet_length(payload) > 7999 then
      exit dynamic when keys is null;
      payload := concat(
        head, ',"rows":[[', coalesce(key_after, key_before),
        case when key_after <> key_before then concat(',', key_before) end, ']]}'
      );
    end if;
    exit dynamic when payload is null or octet_length(payload) > 7999;
    done := set_config(concat('pgcachewatch.', tg_op, '_', root), (announced + 1)::text, true);
    done := pg_notify(tg_argv[2], payload);
    return null;
  exception when others then
    null;
  end;

  -- By commands, which take no privilege.
  begin
    begin
      execute format('set local pgcachewatch.%s_%s to ''all''', tg_op, root);
    exception when others then
      null;  -- It is announced more often, then.
    end;
    names := (pg_identify_object_as_address(1259, root, 0)).object_names;
    if octet_length(tg_argv[2]) > 63 then
      raise name_too_long;  -- NOTIFY would cut it.
    end if;
    execute format('notify %I, %L', coalesce(tg_argv[2], 'ch_pgcachewatch_table_change'), concat(
      '{"operation":"', lower(tg_op collate "C"), '","table":', to_json(names[2]), ',"sent_at":', to_json(clock_timestamp()),
      ',"schema":', to_json(names[1]), ',"oid":', root, ',"xid":', pg_current_xact_id(), '}'
    ));
  exception when others then
    begin
      raise warning 'pgcachewatch could not announce a change of table %.% (SQLSTATE %)',
        quote_ident(tg_table_schema), quote_ident(tg_table_name), sqlstate
        using hint = 'Caches keep what they have of this table until its next change.';
    exception when others then
      null;
    end;
  end;
  return null;
end
$function$;

grant execute on function pgcachewatch.notify_row() to public;
