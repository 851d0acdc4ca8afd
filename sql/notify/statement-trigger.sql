-- All changes of one table, announced as changes of the whole table. Without transition tables, it does not know whether a
-- statement has touched a row. A child by inheritance has its own, for the statements that name it.
create or replace trigger :"trigger"
  after insert or update or delete or truncate on :"schema".:"table"
  for each statement execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows', :'fires');
