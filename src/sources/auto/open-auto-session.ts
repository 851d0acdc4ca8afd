import type { SourceMode } from '../change-source.js';
import { connect, disconnect } from '../connection.js';
import { openNotifySession } from '../notify/open-notify-session.js';
import { LOCK_TIMEOUT_MS } from '../replication/limits.js';
import { openReplicationSession } from '../replication/open-replication-session.js';
import { answerLimitMs, within } from '../replication/within.js';
import type { OpenSession, Session, SessionHost } from '../session.js';
import type { AutoOptions } from './auto-options.js';
import { readFindings } from './capabilities.js';
import { type Choice, chooseMode, noModeWorks } from './choose-mode.js';
import { delegate } from './delegate.js';
import { lookingOut } from './look-out.js';
import { LookPause } from './look-pause.js';
import { describeReason } from './reason.js';
import { standsInFor } from './stand-in.js';

/** How long the creation of a slot may wait for others where notify can do instead. */
const SHORT_LOCK_TIMEOUT_MS = 2_000;

/**
 * Opens whichever session can work. On notify for want of something better, it looks from time to time
 * whether replication has become possible, and has the source opened anew then.
 */
export function openAutoSession(options: AutoOptions, onChoice: (choice: Choice) => void): OpenSession {
  let lockTimeoutMs = LOCK_TIMEOUT_MS;
  const open = {
    replication: openReplicationSession(options, () => lockTimeoutMs),
    notify: openNotifySession(options),
  };
  const pause = new LookPause(options.lookForReplicationMs);
  let last: SourceMode | null = null;
  let failures = 0;

  const settled = (mode: SourceMode, session: Session): Session => {
    const switched = last !== null && last !== mode;
    last = mode;
    // The sessions of the two modes know nothing of each other.
    return switched ? withContinuity(session) : session;
  };
  const tell = (choice: Choice) => {
    onChoice(choice);
    for (const reason of choice.reasons)
      options.logger.info({ reason }, `pgcachewatch: ${describeReason(reason)}`);
  };

  return async (host, signal) => {
    const choice = await choose(options, signal, last === 'replication');
    tell(choice);
    if (choice.mode === null) throw noModeWorks(choice);
    if (choice.mode === 'replication') {
      const canStandIn = notifyWorks(choice);
      lockTimeoutMs = canStandIn ? Math.min(SHORT_LOCK_TIMEOUT_MS, LOCK_TIMEOUT_MS) : LOCK_TIMEOUT_MS;
      try {
        const attempt = untilOpen(host);
        const session = await open.replication(attempt.host, signal);
        attempt.opened();
        failures = 0;
        pause.replicationLive();
        return settled('replication', session);
      } catch (thrown) {
        failures++;
        const error = canStandIn && !signal.aborted ? standsInFor(thrown, failures) : null;
        if (error === null) throw thrown;
        pause.replicationFailed();
        const { message, remedy } = error;
        tell({
          mode: 'notify',
          reasons: [...choice.reasons, { mode: 'replication', met: false, message, remedy }],
        });
        host.waiting(null);
      }
    }
    const session = await open.notify(host, signal);
    pause.notifyLive();
    const lookOut = {
      choose: (either: AbortSignal) => choose(options, either, false),
      onChoice,
      host,
      signal,
      everyMs: pause.ms,
    };
    return settled('notify', lookingOut(session, lookOut));
  };
}

async function choose(options: AutoOptions, signal: AbortSignal, replicates: boolean): Promise<Choice> {
  const client = await connect(options.connection, 'pgcachewatch auto', signal);
  try {
    const limitMs = answerLimitMs(options.silenceLimitMs);
    const findings = await within(limitMs, 'what it can do', readFindings(client, options));
    return chooseMode(findings, options, replicates);
  } finally {
    await disconnect(client);
  }
}

function notifyWorks({ reasons }: Choice): boolean {
  return reasons.every(({ mode, met }) => mode !== 'notify' || met);
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

function withContinuity(session: Session): Session {
  return delegate(session, { continuity: 'switched' });
}
