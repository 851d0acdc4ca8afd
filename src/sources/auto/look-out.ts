import { setTimeout as delay } from 'node:timers/promises';
import type { Session, SessionHost } from '../session.js';
import type { Choice } from './choose-mode.js';
import { delegate } from './delegate.js';

export interface LookOutOptions {
  readonly choose: (signal: AbortSignal) => Promise<Choice>;
  /** Notify is still the choice, perhaps for other reasons. */
  readonly onChoice: (choice: Choice) => void;
  readonly host: SessionHost;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

/** Adds to a notify session the look-out for replication; it ends with the session. */
export function lookingOut(
  session: Session,
  { choose, onChoice, host, signal, everyMs }: LookOutOptions,
): Session {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const look = async (): Promise<void> => {
    while (!either.aborted) {
      await delay(everyMs, undefined, { signal: either });
      // Not to find out is no reason to give up what works.
      const choice = await choose(either).catch(() => null);
      if (either.aborted) return;
      if (choice?.mode === 'replication') return host.reopen('replication has become possible');
      if (choice?.mode === 'notify') onChoice(choice);
    }
  };
  look().catch(() => {});
  return delegate(session, {
    close: () => {
      ended.abort();
      return session.close();
    },
  });
}
