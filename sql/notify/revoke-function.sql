revoke execute on function pgcachewatch.:"function"() from public;
