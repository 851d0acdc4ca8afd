grant execute on function pgcachewatch.notify_change() to public;
