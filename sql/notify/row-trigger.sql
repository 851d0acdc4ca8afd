-- The changed rows of one table. The server gives every partition of it a copy, also those that are made or attached later.
create or replace trigger :"trigger"
  after insert or update or delete on :"schema".:"table"
  for each row execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows', :'fires');
