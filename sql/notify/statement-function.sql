-- What a trigger announces, with NOTIFY, is a payload such as
--
--   {"operation":"update","table":"orders","sent_at":"2025-01-31T12:00:00.123456+00:00","schema":"public",
--    "oid":16402,"xid":7391,"key":["id"],"rows":[[["7"],["2"]]]}
--
-- Without "rows", the whole table has changed. An element of "rows" is [key] at level key or, where an UPDATE has altered
-- the key, [key, previous key]. At level row it is [key, previous key, before, after], null where one does not apply, and
-- "columns" names what before and after list. Every value is the text that its type's output function writes: the same
-- text that logical replication sends. The table is the root of a tree of partitions or of inheritance.
--
-- The arguments of every trigger: the level (table, key or row); the names of the key's columns, as an array ('{}' for
-- none); the channel; how many rows a transaction announces one by one, before it announces the whole table; whether it
-- was installed to fire always, or for sessions of origin only (which ENABLE TRIGGER ALL would make it).
--
-- Four rules hold for the three trigger functions:
--
-- * A writer's statement never fails for them. What cannot be announced in detail is announced as the whole table.
--   (A cancelled statement, by statement_timeout or by hand, stays cancelled.)
-- * No transition tables: the server writes large ones to temporary files, and fails the writer at temp_file_limit.
-- * What has been announced is noted in a setting of the transaction, one for each table and operation, such as
--   pgcachewatch.update_16402: how many rows, or "all" for the whole table. The server takes the note and the
--   notification back together, at the end of the transaction, ROLLBACK TO SAVEPOINT or an exception block.
-- * The writer's session decides nothing, unless it sets one of these notes itself: where a function does not set
--   search_path, every name in it is qualified, and every operator. NULLIF, IN, BETWEEN and CASE … WHEN value look an operator up by search_path, and are not used.
--
-- Some use pg_notify() and, should that fail, the command NOTIFY: it takes longer, and no privilege.

-- The function of triggers FOR EACH STATEMENT: TRUNCATE of every table, and all changes of tables that are announced as a
-- whole. It has no settings, each of which would cost a writer as much as an expression.
create or replace function pgcachewatch.notify_statement() returns trigger
  language plpgsql
  security invoker
as $function$
#variable_conflict use_variable
declare
  root pg_catalog.oid;  -- of the tree, and its schema and name: where tg_relid is another table of it
  parent pg_catalog.oid;
  names pg_catalog.text[];
  done pg_catalog.text;  -- nothing: but an assignment calls a function for half the price of PERFORM
begin
  begin
    if pg_catalog.current_setting(pg_catalog.concat('pgcachewatch.', tg_op, '_', tg_relid), true) operator(pg_catalog.=) 'all' then
      return null;
    end if;

    -- A transaction that has no id has written nothing, at least not to a table of the server's own kind (2: heap).
    if pg_catalog.pg_current_xact_id_if_assigned() is null then
      perform from pg_catalog.pg_class as c
      where c.oid operator(pg_catalog.=) tg_relid and c.relam operator(pg_catalog.=) 2 and not c.relhassubclass;
      if found then
        return null;
      end if;
    end if;

    -- The names of now, for tables are renamed. The tables of an inheritance tree always have the key {}.
    if tg_argv[1] operator(pg_catalog.=) '{}' or pg_catalog.pg_partition_root(tg_relid) operator(pg_catalog.<>) tg_relid then
      root := coalesce(pg_catalog.pg_partition_root(tg_relid), tg_relid);
      loop
        select i.inhparent into parent
        from pg_catalog.pg_inherits as i where i.inhrelid operator(pg_catalog.=) root limit 1;
        exit when not found;
        root := parent;
      end loop;
      names := (pg_catalog.pg_identify_object_as_address(1259, root, 0)).object_names;  -- 1259: pg_class
    end if;

    done := pg_catalog.concat(
      pg_catalog.set_config(pg_catalog.concat('pgcachewatch.', tg_op, '_', tg_relid), 'all', true),
      pg_catalog.pg_notify(tg_argv[2], pg_catalog.concat(
        '{"operation":"', pg_catalog.lower(tg_op collate pg_catalog."C"),
        '","table":', pg_catalog.to_json(coalesce(names[2], tg_table_name::pg_catalog.text)),
        ',"sent_at":"',
        pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        '","schema":', pg_catalog.to_json(coalesce(names[1], tg_table_schema::pg_catalog.text)),
        ',"oid":', coalesce(root, tg_relid), ',"xid":', pg_catalog.pg_current_xact_id(), '}'
      ))
    );
    return null;
  exception when others then
    null;
  end;

  -- By commands, which take no privilege.
  begin
    root := coalesce(root, pg_catalog.pg_partition_root(tg_relid), tg_relid);
    names := (pg_catalog.pg_identify_object_as_address(1259, root, 0)).object_names;
    begin
      execute pg_catalog.format('set local pgcachewatch.%s_%s to ''all''', tg_op, tg_relid);
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

-- It is the default, unless default privileges say otherwise; the owner of a table needs it to watch it.
grant execute on function pgcachewatch.notify_statement() to public;
