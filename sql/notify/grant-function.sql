grant execute on function pgcachewatch.:"function"() to public;
