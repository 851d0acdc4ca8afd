-- A session that waits for a lock makes those that come later wait behind it: not for long.
set local lock_timeout = :'lock_timeout';
