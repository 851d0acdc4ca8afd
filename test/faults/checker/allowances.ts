import type { FaultRecord, Span } from './record.js';

/**
 * For how long a change may be on its way to a source that hears the server, on a machine that has other things to
 * do. The documentation promises no figure for it.
 */
export const DELIVERY_MS = 1_000;

/** A timer is not called at the very moment; less than this is not taken for standing still. */
export const TIMER_MS = 50;

/** A fault is noticed by a question that is asked once per `silenceLimitMs`; the answer may be given up later. */
export function aftermathMs(silenceLimitMs: number): number {
  return 2 * silenceLimitMs + 2_000;
}

/** How much of the time between two moments is covered by the spans, which come by their beginning. */
export function overlapMs(spans: readonly Span[], from: number, until: number): number {
  let sum = 0;
  let covered = from;
  for (const span of spans) {
    if (span.from >= until) break;
    sum += Math.max(0, Math.min(span.until, until) - Math.max(span.from, covered));
    covered = Math.max(covered, span.until);
  }
  return sum;
}

/** All of them, by their beginning. */
export function merged(some: readonly Span[], others: readonly Span[]): Span[] {
  return [...some, ...others].sort((a, b) => a.from - b.from);
}

/** Whether a fault that makes the network slow has had a hand in something between two moments. */
export function wasDelayed(faults: readonly FaultRecord[], from: number, until: number): boolean {
  return faults.some((fault) => /delay|slow/.test(fault.name) && fault.from < until && fault.until > from);
}
