/** What to do about a connection, given how long nothing has been heard on it. */
export type Verdict =
  | { readonly do: 'wait'; readonly forMs: number }
  | { readonly do: 'probe'; readonly forMs: number }
  | { readonly do: 'give-up' };

export interface LivenessInput {
  readonly nowMs: number;
  /** When the server was last heard, whatever it said. */
  readonly heardAtMs: number;
  /** Whether a probe is on its way. */
  readonly probing: boolean;
  readonly silenceLimitMs: number;
}

/**
 * A third of the limit without a word: ask. That leaves the server two thirds of the limit to answer,
 * so one slow answer is no alarm, and the limit is met however late the question was.
 */
export function livenessVerdict({ nowMs, heardAtMs, probing, silenceLimitMs }: LivenessInput): Verdict {
  const silentMs = nowMs - heardAtMs;
  const leftMs = silenceLimitMs - silentMs;
  if (leftMs <= 0) return { do: 'give-up' };
  if (probing) return { do: 'wait', forMs: leftMs };
  const untilProbeMs = silenceLimitMs / 3 - silentMs;
  if (untilProbeMs > 0) return { do: 'wait', forMs: untilProbeMs };
  return { do: 'probe', forMs: leftMs };
}
