-- Nothing that is looked at is changed, and nobody waits for it.
begin transaction isolation level read committed, read only;
set local statement_timeout = '15s';
set local lock_timeout = '2s';
