import type { Around } from '../fault.js';
import type { Transaction } from './program.js';

/** How long it may take until a writer comes to a transaction that the DDL can go around. */
const GIVEN_UP_AFTER_MS = 10_000;

/** DDL for a writer's transaction, which must say what has become of that. */
export interface WaitingAround extends Around {
  readonly done: () => void;
  /** It was rolled back: the next one is to try it. */
  readonly again: () => void;
}

/** DDL that waits for a transaction to go around, one after the other. */
export class AroundWrites {
  #waiting: WaitingAround | undefined;

  /** Resolves when it is committed; rejects where none was in time, and none will be. */
  ask(around: Around): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + GIVEN_UP_AFTER_MS;
      const giveUp = () => reject(new Error('No writer came to it'));
      const late = setTimeout(() => {
        if (this.#waiting !== waiting) return;
        this.#waiting = undefined;
        giveUp();
      }, GIVEN_UP_AFTER_MS);
      const waiting: WaitingAround = {
        ...around,
        done: () => {
          clearTimeout(late);
          resolve();
        },
        again: () => {
          if (Date.now() > deadline) giveUp();
          else this.#waiting = waiting;
        },
      };
      this.#waiting = waiting;
    });
  }

  takenBy({ statements, rollBack }: Transaction): WaitingAround | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined || rollBack) return undefined;
    if (!statements.some((each) => named(waiting.table).test(each))) return undefined;
    this.#waiting = undefined;
    return waiting;
  }
}

/** All that the transaction is to run. */
export function within(
  { table, calledMeanwhile = table, away, back }: Around,
  statements: readonly string[],
): string[] {
  const renamed = statements.map((each) => each.replaceAll(named(table), calledMeanwhile));
  // Writers that hold locks end soon; whoever comes after them waits behind this.
  const all = ["set local lock_timeout = '2s'", away, ...renamed, back];
  return all.filter((each) => each !== undefined);
}

function named(table: string): RegExp {
  return new RegExp(`\\b${table}\\b`, 'g');
}
