-- Lets the triggers fire under session_replication_role = replica too, which restores and some
-- replication tools set. ONLY: the partitions have triggers of their own.
alter table only :"schema".:"table"
  enable always trigger pgcachewatch_insert,
  enable always trigger pgcachewatch_update,
  enable always trigger pgcachewatch_delete,
  enable always trigger pgcachewatch_truncate;
