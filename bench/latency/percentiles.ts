import { quantile } from '../harness/statistics.js';

export type Percentile = 'p50' | 'p99' | 'p999';

/** Of nanoseconds, in milliseconds. */
export function percentiles(ns: readonly number[]): Record<Percentile, number> {
  const ms = (q: number) => quantile(ns, q) / 1e6;
  return { p50: ms(0.5), p99: ms(0.99), p999: ms(0.999) };
}
