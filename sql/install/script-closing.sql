-- Whatever else is in this transaction waits as it did before.
perform pg_catalog.set_config('lock_timeout', lock_timeout_before, true);
end
