-- The trigger function of every watched table. With NOTIFY, it announces what one statement has changed,
-- in one or more payloads such as
--
--   {"operation":"update","table":"orders","sent_at":"2025-01-31T12:00:00.123456+00:00",
--    "schema":"public","xid":7391,"key":["id"],"rows":[[["1"]],[["2"],["7"]]]}
--
-- Without "rows", the whole table has changed. An element of "rows" is [key] at level key or, where an
-- UPDATE has altered the key, [key, previous key]. At level row it is [key, previous key, before, after],
-- null where one does not apply, and "columns" names what before and after list. Every value is the text
-- that its type's output function writes: the same text that logical replication sends.
--
-- The trigger's arguments: the level (table, key or row); the names of the key's columns, as an array
-- ('{}' for none); the channel; above how many rows a statement counts as a change of the whole table.
--
-- A writer's statement never fails for it: what cannot be told in detail is told as "the whole table".
-- (A cancelled statement, by statement_timeout or by hand, stays cancelled.)
create or replace function pgcachewatch.notify_change() returns trigger
  language plpgsql
  security invoker  -- it needs no right that a writer lacks: transition tables and the catalog are open
  set search_path = pg_catalog, pg_temp
  -- Listeners compare texts, so a value has one text whatever the writer's session prefers.
  set timezone = 'UTC'
  set datestyle = 'ISO, MDY'
  set intervalstyle = 'postgres'
  set extra_float_digits = 1
  set bytea_output = 'hex'
as $function$
declare
  -- Nothing is computed in the declarations: the exception clause does not cover them.
  level text;
  key_columns text[];
  channel text;
  row_limit int;
  max_bytes constant int := 7999;  -- of a payload: pg_notify raises above it

  table_schema name;
  table_name name;
  root oid;
  parent oid;

  -- %1$s makes the JSON array of a row of %2$s. Columns go unqualified: where a column to_json has been
  -- dropped, r.to_json would still mean something, namely to_json(r). Columns not named are not detoasted.
  -- An array that fits no payload is NULL at once: a thousand rows of 1 MB are never held together.
  arrays_of constant text :=
    'array(select case when octet_length(a) < 8000 then a end'
    ' from (select %1$s as a from %2$s as pgcachewatch_row limit %3$s) as s)';
  no_arrays constant text := 'null::text[]';
  column_name text;
  columns text[];
  values_of text;
  present text;
  key_array text;
  row_array text;
  keys_before text[];
  keys_after text[];
  rows_before text[];
  rows_after text[];
  touched int;

  head text;
  opening text;
  element text;
  batch text;
  batches text[];
  cause text;
begin
  level := coalesce(tg_argv[0], 'table');
  key_columns := coalesce(tg_argv[1], '{}');
  channel := coalesce(tg_argv[2], 'ch_pgcachewatch_table_change');
  row_limit := coalesce(tg_argv[3], '1000');

  -- The names of now, for tables are renamed; a partition goes by the name of its root.
  table_schema := tg_table_schema;
  table_name := tg_table_name;
  root := pg_partition_root(tg_relid);
  if root is null and level = 'table' and key_columns = '{}' then
    -- So does an inheritance child, which always has these arguments. Other tables need not look.
    root := tg_relid;
    loop
      select i.inhparent into parent from pg_inherits as i where i.inhrelid = root limit 1;
      exit when not found;
      root := parent;
    end loop;
  end if;
  if root <> tg_relid then
    select n.nspname, c.relname into strict table_schema, table_name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = root;
  end if;

  head := format(
    '{"operation":"%s","table":%s,"sent_at":%s,"schema":%s,"xid":%s',
    lower(tg_op), to_json(table_name), to_json(clock_timestamp()), to_json(table_schema), pg_current_xact_id()
  );

  if tg_op = 'TRUNCATE' or (level = 'key' and key_columns = '{}') then
    level := 'table';
  end if;

  if tg_op = 'TRUNCATE' then
    touched := null;
  elsif level = 'table' then
    -- A row that moves to a partition where a trigger discards it is in old_rows only.
    if tg_op = 'INSERT' then
      touched := case when exists (select from new_rows) then 1 else 0 end;
    else
      touched := case when exists (select from old_rows) then 1 else 0 end;
    end if;
  else
    foreach column_name in array key_columns loop
      values_of := concat_ws(',', values_of, format('concat(%I)', column_name));
      -- A key column that has become nullable since identifies nothing where it is null.
      present := concat_ws(' and ', present, format('%I is distinct from null', column_name));
    end loop;
    key_array := format('case when %s then array_to_json(array[%s])::text end', present, values_of);
    if level = 'row' then
      select array_agg(a.attname order by a.attnum),
        string_agg(
          format('case when %1$I is distinct from null then concat(%1$I) end', a.attname), ',' order by a.attnum
        )
      into columns, values_of
      from pg_attribute as a
      where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v';
      row_array := format('array_to_json(array[%s]::text[])::text', values_of);
    end if;
    execute format(
      'select %s, %s, %s, %s',
      case when key_columns = '{}' or tg_op = 'INSERT' then no_arrays
        else format(arrays_of, key_array, 'old_rows', row_limit + 1) end,
      case when key_columns = '{}' or tg_op = 'DELETE' then no_arrays
        else format(arrays_of, key_array, 'new_rows', row_limit + 1) end,
      case when level = 'key' or tg_op = 'INSERT' then no_arrays
        else format(arrays_of, row_array, 'old_rows', row_limit + 1) end,
      case when level = 'key' or tg_op = 'DELETE' then no_arrays
        else format(arrays_of, row_array, 'new_rows', row_limit + 1) end
    ) into keys_before, keys_after, rows_before, rows_after;
    touched := greatest(cardinality(coalesce(keys_before, rows_before)), cardinality(coalesce(keys_after, rows_after)));
    if touched > row_limit
      -- The two transition tables of an UPDATE list the rows in the same order, unless a row is missing.
      or (tg_op = 'UPDATE' and cardinality(coalesce(keys_before, rows_before)) <> cardinality(coalesce(keys_after, rows_after)))
      or array_position(keys_before || keys_after, null) is not null then
      level := 'table';
    elsif level = 'row' and array_position(rows_before || rows_after, null) is not null then
      level := case when key_columns = '{}' then 'table' else 'key' end;
    end if;
  end if;

  -- A statement that touched no row is not worth a word.
  if touched = 0 then
    return null;
  end if;

  <<attempts>>
  while level <> 'table' loop
    opening := head || ',"key":' || array_to_json(key_columns)
      || case when level = 'row' then ',"columns":' || array_to_json(columns) else '' end || ',"rows":[';
    batch := null;
    batches := '{}';
    for i in 1 .. touched loop
      if level = 'key' then
        element := case
          when tg_op = 'INSERT' then '[' || keys_after[i] || ']'
          when tg_op = 'DELETE' then '[' || keys_before[i] || ']'
          when keys_before[i] = keys_after[i] then '[' || keys_after[i] || ']'
          else '[' || keys_after[i] || ',' || keys_before[i] || ']'
        end;
      else
        element := format(
          '[%s,%s,%s,%s]',
          coalesce(keys_after[i], keys_before[i], 'null'),
          case when keys_before[i] <> keys_after[i] then keys_before[i] else 'null' end,
          coalesce(rows_before[i], 'null'),
          coalesce(rows_after[i], 'null')
        );
      end if;
      if octet_length(opening) + octet_length(element) + 2 > max_bytes then
        level := case when level = 'row' and key_columns <> '{}' then 'key' else 'table' end;
        continue attempts;
      end if;
      if octet_length(opening) + octet_length(batch) + 1 + octet_length(element) + 2 > max_bytes then
        batches := array_append(batches, batch);
        batch := null;
      end if;
      batch := concat_ws(',', batch, element);
    end loop;
    foreach batch in array array_append(batches, batch) loop
      perform pg_notify(channel, opening || batch || ']}');
    end loop;
    return null;
  end loop;

  perform pg_notify(channel, head || '}');
  return null;
exception when others then
  cause := sqlstate;
  begin
    perform pg_notify(channel, coalesce(head, format(
      '{"operation":"%s","table":%s,"sent_at":%s,"schema":%s,"xid":%s',
      lower(tg_op), to_json(tg_table_name), to_json(clock_timestamp()), to_json(tg_table_schema), pg_current_xact_id()
    )) || '}');
  exception when others then
    begin
      raise warning 'pgcachewatch could not announce a change of table %.% (SQLSTATE %, then %)',
        quote_ident(tg_table_schema), quote_ident(tg_table_name), cause, sqlstate
        using hint = 'Caches of this table stay as they are until the next change of it.';
    exception when others then
      null;
    end;
  end;
  return null;
end
$function$;
