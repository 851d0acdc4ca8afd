-- Lets the trigger fire under session_replication_role = replica too, which restores, subscriptions and some replication
-- tools set.
alter table only :"schema".:"table" enable always trigger :"trigger";
