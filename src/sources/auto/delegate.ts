import type { Session } from '../session.js';

/** The session with some of it replaced. */
export function delegate(session: Session, replaced: Partial<Session>): Session {
  return {
    mode: session.mode,
    continuity: session.continuity,
    get watched() {
      return session.watched;
    },
    get problem() {
      return session.problem;
    },
    get held() {
      return session.held;
    },
    probe: () => session.probe(),
    checkWatched: () => session.checkWatched(),
    caughtUp: (waiting) => session.caughtUp(waiting),
    lag: async () => (await session.lag?.()) ?? null,
    close: () => session.close(),
    ...replaced,
  };
}
