-- What else is in this transaction finds these settings as they were.
perform pg_catalog.set_config('lock_timeout', lock_timeout_before, true);
perform pg_catalog.set_config('search_path', search_path_before, true);
end
