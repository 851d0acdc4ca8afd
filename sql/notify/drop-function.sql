drop function if exists pgcachewatch.:"function"();
