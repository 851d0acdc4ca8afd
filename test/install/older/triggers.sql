-- The four triggers of one table. Statement-level triggers fire for the statements that name the table,
-- so a partition has its own, for the statements that name it. TRUNCATE has no transition tables.
create or replace trigger pgcachewatch_insert
  after insert on :"schema".:"table"
  referencing new table as new_rows
  for each statement execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows');
create or replace trigger pgcachewatch_update
  after update on :"schema".:"table"
  referencing old table as old_rows new table as new_rows
  for each statement execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows');
create or replace trigger pgcachewatch_delete
  after delete on :"schema".:"table"
  referencing old table as old_rows
  for each statement execute function pgcachewatch.:"function"(:'level', :'key', :'channel', :'max_rows');
create or replace trigger pgcachewatch_truncate
  after truncate on :"schema".:"table"
  for each statement execute function pgcachewatch.notify_change(:'level', :'key', :'channel', :'max_rows');
