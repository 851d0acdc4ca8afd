-- Who waits for a lock has everybody who comes later wait behind it: not long.
set local lock_timeout = :'lock_timeout';
