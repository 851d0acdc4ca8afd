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
-- Two ways lead to the same payload. Most statements change one row of a table whose key is its first column: static
-- SQL can tell of that, for it can give the first column a name without knowing it. All else takes dynamic SQL,
-- which is planned anew each time, and costs four times as much.
--
-- (Tables of level table have a function of their own, at the end.)
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
  -- What can fail is not computed here, for the exception clause does not cover the declarations.
  level text;
  key text;
  key_columns text[];
  channel text;
  row_limit int;
  max_bytes constant int := 7999;  -- of a payload: pg_notify raises above it

  table_schema name := tg_table_schema;
  table_name name := tg_table_name;
  root oid;
  parent oid;
  first_column text[];
  payload text;

  column_name text;
  columns text[];
  present text;
  texts text;
  select_key text;
  select_row text;
  limited text;
  none constant text := 'null::text[]';
  -- One JSON array a row. The two transition tables of an UPDATE list its rows in the same order.
  keys_before text[];
  keys_after text[];
  rows_before text[];
  rows_after text[];
  count_before int;
  count_after int;
  touched int;

  head text;
  opening text;
  element text;
  batch text;
  batches text[];
  cause text;
begin
  channel := coalesce(tg_argv[2], 'ch_pgcachewatch_table_change');  -- first: the exception clause needs it
  level := coalesce(tg_argv[0], 'table');
  key := coalesce(tg_argv[1], '{}');

  -- The names of now, for tables are renamed; a partition goes by the name of its root.
  root := pg_partition_root(tg_relid);
  if root is null and level = 'table' and key = '{}' then
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

  -- The quick way: one row, by its first column. (Which that is, the server has in its caches; where it was
  -- dropped, column 1 has no name any more.) Rows more than one, nulls and what is too long go the other way.
  if level = 'key' and tg_op <> 'TRUNCATE' then
    first_column := (pg_identify_object_as_address(1259, tg_relid, 1)).object_names[3:];  -- 1259: pg_class
    if first_column::text = key then
      if tg_op = 'UPDATE' then
        select array(
          select case when pgcachewatch_key is distinct from null then concat(pgcachewatch_key) end
          from old_rows as r (pgcachewatch_key) limit 2
        ), array(
          select case when pgcachewatch_key is distinct from null then concat(pgcachewatch_key) end
          from new_rows as r (pgcachewatch_key) limit 2
        ) into keys_before, keys_after;
      elsif tg_op = 'INSERT' then
        keys_after := array(
          select case when pgcachewatch_key is distinct from null then concat(pgcachewatch_key) end
          from new_rows as r (pgcachewatch_key) limit 2
        );
        keys_before := keys_after;
      else
        keys_before := array(
          select case when pgcachewatch_key is distinct from null then concat(pgcachewatch_key) end
          from old_rows as r (pgcachewatch_key) limit 2
        );
        keys_after := keys_before;
      end if;
      if cardinality(keys_before) = 0 and cardinality(keys_after) = 0 then
        return null;
      elsif cardinality(keys_before) = 1 and cardinality(keys_after) = 1
        and octet_length(keys_before[1]) + octet_length(keys_after[1]) <= max_bytes then
        payload := concat(
          '{"operation":"', lower(tg_op collate "C"), '","table":', to_json(table_name), ',"sent_at":', to_json(clock_timestamp()),
          ',"schema":', to_json(table_schema), ',"xid":', pg_current_xact_id(), ',"key":', array_to_json(first_column),
          ',"rows":[[', array_to_json(keys_after),
          case when keys_before[1] <> keys_after[1] then concat(',', array_to_json(keys_before)) end, ']]}'
        );
        if octet_length(payload) <= max_bytes then
          perform pg_notify(channel, payload);
          return null;
        end if;
      end if;
    end if;
  end if;

  if tg_op = 'TRUNCATE' then
    level := 'table';
    touched := null;
  elsif level = 'table' or (level = 'key' and key = '{}') then
    level := 'table';
    -- An UPDATE can have old rows only: those that moved to a partition where a trigger discarded them.
    if tg_op = 'INSERT' then
      touched := case when exists (select from new_rows) then 1 else 0 end;
    else
      touched := case when exists (select from old_rows) then 1 else 0 end;
    end if;
  else
    key_columns := key;
    row_limit := coalesce(tg_argv[3], '1000');
    -- Only columns that are named here are read, and others never detoasted. They go unqualified: where
    -- a column to_json has been dropped, r.to_json would still be something, namely to_json(r).
    if key_columns <> '{}' then
      foreach column_name in array key_columns loop
        -- A column that has lost its primary key since may be null, and then it identifies nothing.
        present := concat_ws(' and ', present, format('%I is distinct from null', column_name));
        texts := concat_ws(',', texts, format('concat(%I)', column_name));
      end loop;
      select_key := format('array(select case when %s then json_build_array(%s)::text end', present, texts);
    end if;
    if level = 'row' then
      select array_agg(a.attname order by a.attnum), string_agg(
        format('case when %1$I is distinct from null then concat(%1$I) end', a.attname), ',' order by a.attnum
      )
      into columns, texts
      from pg_attribute as a
      where a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v';
      -- What fits no payload is null at once: a thousand rows of 1 MB are never held together.
      select_row := 'array(select case when octet_length(a) < 8000 then a end from ('
        || format('select array_to_json(array[%s]::text[])::text as a', texts);
    end if;
    -- Static SQL cannot name columns that it does not know. Planning this anew costs some 60 µs each time.
    limited := format(' as pgcachewatch_row limit %s)', row_limit + 1);
    execute concat_ws(
      ',',
      'select ' || case when tg_op = 'INSERT' then none else coalesce(select_key || ' from old_rows' || limited, none) end,
      case when tg_op = 'DELETE' then none else coalesce(select_key || ' from new_rows' || limited, none) end,
      case when tg_op = 'INSERT' then none else coalesce(select_row || ' from old_rows' || limited || ' as s)', none) end,
      case when tg_op = 'DELETE' then none else coalesce(select_row || ' from new_rows' || limited || ' as s)', none) end
    ) into keys_before, keys_after, rows_before, rows_after;

    count_before := cardinality(coalesce(keys_before, rows_before));
    count_after := cardinality(coalesce(keys_after, rows_after));
    touched := greatest(count_before, count_after);
    if touched > row_limit or count_before <> count_after
      or array_position(keys_before, null) > 0 or array_position(keys_after, null) > 0 then
      level := 'table';
    elsif array_position(rows_before, null) > 0 or array_position(rows_after, null) > 0 then
      level := case when select_key is null then 'table' else 'key' end;
    end if;
  end if;

  -- Nothing touched is nothing to tell.
  if touched = 0 then
    return null;
  end if;

  head := concat(
    '{"operation":"', lower(tg_op collate "C"), '","table":', to_json(table_name), ',"sent_at":', to_json(clock_timestamp()),
    ',"schema":', to_json(table_schema), ',"xid":', pg_current_xact_id()
  );

  -- As few payloads as hold everything; if one row is too long for any, a coarser level.
  <<levels>>
  while level <> 'table' loop
    opening := concat(
      head, ',"key":', array_to_json(key_columns), case when level = 'row' then ',"columns":' end,
      case when level = 'row' then array_to_json(columns) end, ',"rows":['
    );
    batch := null;
    batches := '{}';
    for i in 1 .. touched loop
      if level = 'row' then
        element := format(
          '[%s,%s,%s,%s]',
          coalesce(keys_after[i], keys_before[i], 'null'),
          case when keys_before[i] <> keys_after[i] then keys_before[i] else 'null' end,
          coalesce(rows_before[i], 'null'),
          coalesce(rows_after[i], 'null')
        );
      elsif keys_before[i] <> keys_after[i] then
        element := '[' || keys_after[i] || ',' || keys_before[i] || ']';
      else
        element := '[' || coalesce(keys_after[i], keys_before[i]) || ']';
      end if;

      if octet_length(opening) + octet_length(element) + 2 > max_bytes then
        level := case when level = 'row' and select_key is not null then 'key' else 'table' end;
        continue levels;
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
    head := coalesce(head, format(
      '{"operation":"%s","table":%s,"sent_at":%s,"schema":%s,"xid":%s',
      lower(tg_op collate "C"), to_json(table_name), to_json(clock_timestamp()), to_json(table_schema), pg_current_xact_id()
    ));
    perform pg_notify(channel, head || '}');
  exception when others then
    begin
      raise warning 'pgcachewatch could not announce a change of table %.% (SQLSTATE %, then %)',
        quote_ident(tg_table_schema), quote_ident(tg_table_name), cause, sqlstate
        using hint = 'Caches keep what they have of this table until its next change.';
    exception when others then
      null;
    end;
  end;
  return null;
end
$function$;

-- It is the default, unless default privileges say otherwise; the owner of a table needs it to watch it.
grant execute on function pgcachewatch.notify_change() to public;

-- The same for the tables of level table, but for TRUNCATE and for the tables of an inheritance tree: there is nothing of
-- theirs to write down, so it needs no settings, each of which costs a writer as much as an expression. Hence every name
-- in it is qualified, and every operator.
create or replace function pgcachewatch.notify_table_change() returns trigger
  language plpgsql
  security invoker
as $function$
declare
  table_schema pg_catalog.name := tg_table_schema;
  table_name pg_catalog.name := tg_table_name;
  sent pg_catalog.text;  -- nothing: but an assignment calls pg_notify for half the price of PERFORM
begin
  -- An UPDATE can have old rows only: those that moved to a partition where a trigger discarded them.
  if tg_op operator(pg_catalog.=) 'INSERT' then
    if not exists (select from new_rows) then
      return null;
    end if;
  elsif not exists (select from old_rows) then
    return null;
  end if;

  -- The names of now, for tables are renamed; a partition goes by the name of its root.
  if pg_catalog.pg_partition_root(tg_relid) operator(pg_catalog.<>) tg_relid then
    select n.nspname, c.relname into strict table_schema, table_name
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid operator(pg_catalog.=) c.relnamespace
    where c.oid operator(pg_catalog.=) pg_catalog.pg_partition_root(tg_relid);
  end if;

  sent := pg_catalog.pg_notify(tg_argv[2], pg_catalog.concat(
    '{"operation":"', pg_catalog.lower(tg_op collate pg_catalog."C"), '","table":', pg_catalog.to_json(table_name),
    ',"sent_at":"',
    pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    '","schema":', pg_catalog.to_json(table_schema), ',"xid":', pg_catalog.pg_current_xact_id(), '}'
  ));
  return null;
exception when others then
  begin
    raise warning 'pgcachewatch could not announce a change of table %.% (SQLSTATE %)',
      pg_catalog.quote_ident(tg_table_schema), pg_catalog.quote_ident(tg_table_name), sqlstate
      using hint = 'Caches keep what they have of this table until its next change.';
  exception when others then
    null;
  end;
  return null;
end
$function$;

grant execute on function pgcachewatch.notify_table_change() to public;
