/** A lock on a table, as `pg_locks` and the documentation (13.3.1) name it; the weakest first. */
export const lockModes = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE ROW EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type LockMode = (typeof lockModes)[number];

export interface TableLock {
  /** Qualified, and quoted where SQL needs it. */
  readonly table: string;
  readonly mode: LockMode;
}

const CONSEQUENCES: Readonly<Record<LockMode, string>> = {
  'ROW EXCLUSIVE': 'nobody who reads or writes waits',
  'SHARE UPDATE EXCLUSIVE': 'nobody who reads or writes waits',
  'SHARE ROW EXCLUSIVE': 'who writes waits until it is committed, who reads does not',
  'ACCESS EXCLUSIVE': 'who reads or writes waits until it is committed',
};

const MOST_NAMES = 5;

const STRONG = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
const SCHEMA_CHANGES = ['ShareUpdateExclusiveLock', ...STRONG];
const WRITES = ['RowExclusiveLock', ...SCHEMA_CHANGES];
const READS = ['AccessShareLock', 'RowShareLock', ...WRITES];

/** Which modes of others, as `pg_locks.mode` has them, a lock has to wait for (documentation, table 13.2). */
export const conflicts: Readonly<Record<LockMode, readonly string[]>> = {
  'ROW EXCLUSIVE': STRONG,
  'SHARE UPDATE EXCLUSIVE': SCHEMA_CHANGES,
  'SHARE ROW EXCLUSIVE': WRITES,
  'ACCESS EXCLUSIVE': READS,
};

/** What takes a lock on a user's table, or on none. */
export interface Locking {
  readonly lock: TableLock | null;
}

/** The strongest lock on each table. */
export function strongestLocks(steps: readonly Locking[]): ReadonlyMap<string, LockMode> {
  const strongest = new Map<string, LockMode>();
  for (const { lock } of steps) {
    if (lock === null) continue;
    const other = strongest.get(lock.table);
    if (other === undefined || lockModes.indexOf(lock.mode) > lockModes.indexOf(other)) {
      strongest.set(lock.table, lock.mode);
    }
  }
  return strongest;
}

/** What the plan's locks mean to others, a line each kind, the strongest first. */
export function lockLines(steps: readonly Locking[], lockTimeoutMs: number): string[] {
  const strongest = [...strongestLocks(steps)];
  const lines = lockModes.toReversed().flatMap((mode) => {
    const tables = strongest.filter(([, found]) => found === mode).map(([table]) => table);
    return tables.length === 0 ? [] : [`${mode} on ${list(tables)}: ${CONSEQUENCES[mode]}`];
  });
  if (lines.length === 0) return [];
  // Behind a weaker one, nobody queues who reads or writes.
  const queues = strongest.some(
    ([, mode]) => lockModes.indexOf(mode) >= lockModes.indexOf('SHARE ROW EXCLUSIVE'),
  );
  const meanwhile = queues ? '; sessions that come later wait as well' : '';
  const all = strongest.length === 1 ? 'it is' : 'all of them together are';
  return [...lines, `${all} waited for ${lockTimeoutMs} ms at most${meanwhile}`];
}

function list(tables: readonly string[]): string {
  const more = tables.length - MOST_NAMES;
  return tables.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
