-- TRUNCATE has no rows, and partitions get no copy of its trigger: each has its own, for the TRUNCATE that names it.
create or replace trigger :"trigger"
  after truncate on :"schema".:"table"
  for each statement execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows', :'fires');
