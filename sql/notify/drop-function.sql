drop function pgcachewatch.notify_change();
