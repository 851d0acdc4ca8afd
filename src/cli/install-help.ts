/** What `install --help` and `uninstall --help` say about the files. */
const MIGRATIONS = `
The SQL is one statement, so that it is done as a whole or not at all: by psql, which would commit each of
several, and by a migration tool with a transaction of its own, which a COMMIT would end too early. It limits the
wait for locks for itself alone. The other file puts back what was there before: also what was replaced.
`;

export const installHelp = `
Without --commit nothing is changed: what is there and what would change goes to stderr, the SQL to stdout.
Installing again brings older triggers up to date, and does nothing where nothing is missing.
In a schema, what cannot be watched is skipped with a note; where it was named, it is an error.
${MIGRATIONS}
Examples:
  $ pgcachewatch install orders sales.items                     what would be done, and the SQL of it
  $ pgcachewatch install orders sales.items --commit            do it: triggers, for mode notify
  $ pgcachewatch install orders --mode replication --commit     a publication, for mode replication
  $ pgcachewatch install --all-in-schema sales --exclude audit_log --commit
  $ pgcachewatch install orders items --schema sales            sales.orders and sales.items
  $ pgcachewatch install orders --output 007_watch.up.sql       also writes 007_watch.down.sql
  $ pgcachewatch install orders | psql "$DATABASE_URL"          the same as --commit
`;

export const uninstallHelp = `
Without --commit nothing is changed: what is there and what would change goes to stderr, the SQL to stdout.
${MIGRATIONS}
A replication slot that was dropped cannot be put back: whoever reads it begins anew, with a gap.

Examples:
  $ pgcachewatch uninstall                                      what would be done, and the SQL of it
  $ pgcachewatch uninstall --commit                             do it: nothing is left behind
  $ pgcachewatch uninstall orders --commit                      this table alone
  $ pgcachewatch uninstall --exclude orders --commit            all but this one
  $ pgcachewatch uninstall --mode notify --commit               the triggers alone
  $ pgcachewatch uninstall --output 008_unwatch.sql             also writes 008_unwatch.down.sql
`;
