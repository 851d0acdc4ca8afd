import { setTimeout as delay } from 'node:timers/promises';
import type { SourceMode } from '../change-source.js';
import { classifyError } from '../classify-error.js';
import { connect, disconnect } from '../connection.js';
import { openNotifySession } from '../notify/open-notify-session.js';
import { openReplicationSession } from '../replication/open-replication-session.js';
import { within } from '../replication/within.js';
import type { OpenSession, Session, SessionHost } from '../session.js';
import type { AutoOptions } from './auto-options.js';
import { readFindings } from './capabilities.js';
import { type Choice, chooseMode, noModeWorks } from './choose-mode.js';
import { describeReason } from './reason.js';

/** How soon to look whether replication has become possible; doubled each time it then fails after all. */
const FIRST_LOOK_MS = 60_000;
const LAST_LOOK_MS = 30 * 60_000;
/** Reading a large catalog takes its time. */
const LEAST_LIMIT_MS = 5_000;

/**
 * Opens whichever session can work. On notify for want of something better, it looks from time to time
 * whether replication has become possible, and has the source opened anew then.
 */
export function openAutoSession(options: AutoOptions, onChoice: (choice: Choice) => void): OpenSession {
  const open = { replication: openReplicationSession(options), notify: openNotifySession(options) };
  let last: SourceMode | null = null;
  let lookMs = options.lookForReplicationMs ?? FIRST_LOOK_MS;

  const settled = (mode: SourceMode, session: Session): Session => {
    const switched = last !== null && last !== mode;
    last = mode;
    // The sessions of the two modes know nothing of each other.
    return switched ? withContinuity(session) : session;
  };

  return async (host, signal) => {
    const choice = await choose(options, signal);
    onChoice(choice);
    for (const reason of choice.reasons)
      options.logger.info({ reason }, `pgcachewatch: ${describeReason(reason)}`);
    if (choice.mode === null) throw noModeWorks(choice);
    if (choice.mode === 'replication') {
      try {
        const attempt = untilOpen(host);
        const session = await open.replication(attempt.host, signal);
        attempt.opened();
        lookMs = options.lookForReplicationMs ?? FIRST_LOOK_MS;
        return settled('replication', session);
      } catch (thrown) {
        const fallback = withoutReplication(choice, thrown);
        if (fallback === null || signal.aborted) throw thrown;
        onChoice(fallback);
        lookMs = Math.min(lookMs * 2, LAST_LOOK_MS);
      }
    }
    const session = await open.notify(host, signal);
    return settled('notify', lookingFor(session, options, host, signal, lookMs));
  };
}

async function choose(options: AutoOptions, signal: AbortSignal): Promise<Choice> {
  const client = await connect(options.connection, 'pgcachewatch auto', signal);
  try {
    const limitMs = Math.max(options.silenceLimitMs, LEAST_LIMIT_MS);
    return chooseMode(await within(limitMs, 'what it can do', readFindings(client, options)), options);
  } finally {
    await disconnect(client);
  }
}

/** Replication failed though all seemed right: the choice without it, or `null` where only waiting is left. */
function withoutReplication({ reasons }: Choice, thrown: unknown): Choice | null {
  const { error, mayMend } = classifyError(thrown);
  const notifyWorks = reasons.every(({ mode, met }) => mode !== 'notify' || met);
  if (mayMend || !notifyWorks) return null;
  const failed = { mode: 'replication', met: false, message: error.message, remedy: error.remedy } as const;
  return { mode: 'notify', reasons: [...reasons, failed] };
}

/**
 * A session that fails while it is being opened says so twice, to its host and by rejecting. Of the two, only
 * the rejection counts: the host goes on to the session that stands in.
 */
function untilOpen(host: SessionHost): { readonly host: SessionHost; readonly opened: () => void } {
  let isOpen = false;
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown) => {
    if (isOpen) host.failed(error);
    else failure ??= { error };
  };
  const opened = () => {
    isOpen = true;
    if (failure) host.failed(failure.error);
  };
  return { host: { ...host, failed }, opened };
}

/** Adds to a notify session the look-out for replication; it ends with the session. */
function lookingFor(
  session: Session,
  options: AutoOptions,
  host: SessionHost,
  signal: AbortSignal,
  everyMs: number,
): Session {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const look = async (): Promise<void> => {
    while (!either.aborted) {
      await delay(everyMs, undefined, { signal: either });
      // Not to find out is no reason to give up what works.
      const choice = await choose(options, either).catch(() => null);
      if (choice?.mode === 'replication' && !either.aborted)
        return host.reopen('replication has become possible');
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

function withContinuity(session: Session): Session {
  return delegate(session, { continuity: 'switched' });
}

/** The session with some of it replaced. */
function delegate(session: Session, replaced: Partial<Session>): Session {
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
