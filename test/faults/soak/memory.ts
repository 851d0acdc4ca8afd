import type { Measures } from './messages.js';
import type { SoakMode } from './modes.js';
import type { Finding } from './totals.js';

/** Fewer rounds than this tell nothing: what is made once is made in the first. */
const FEWEST_ROUNDS = 8;
const MOST_GROWTH_BYTES = 12 * 2 ** 20;

/** What is used when every source and cache is closed does not grow. */
export function judgeMemory(memory: ReadonlyMap<SoakMode, readonly Measures[]>, round: number): Finding[] {
  return [...memory].flatMap(([mode, measures]): Finding[] => {
    if (measures.length < FEWEST_ROUNDS) return [];
    const third = Math.floor(measures.length / 3);
    const grown = median(measures.slice(-third)) - median(measures.slice(1, 1 + third));
    if (grown < MOST_GROWTH_BYTES) return [];
    const what = `${Math.round(grown / 2 ** 20)} MB more are used at the end than at the beginning`;
    return [{ law: 'memory', at: 0, what, mode, round, around: [] }];
  });
}

function median(measures: readonly Measures[]): number {
  const sorted = measures.map(({ heapBytes }) => heapBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
