drop function if exists pgcachewatch.notify_table_change();
drop function if exists pgcachewatch.notify_change();
