/** What would end the wait for an error that may pass by itself, by SQLSTATE (PostgreSQL documentation, appendix A). */
export const WAITING_REMEDIES: Readonly<Record<string, string>> = {
  '53300':
    'It is tried again until one is free: end connections or WAL senders that nobody needs, or raise max_connections or max_wal_senders and restart the server.',
  '53400':
    'It is tried again until one is free: drop a replication slot that nobody reads, or raise max_replication_slots and restart the server.',
};
