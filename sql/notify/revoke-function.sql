revoke execute on function pgcachewatch.notify_change() from public;
