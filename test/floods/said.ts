import type { Comparison, ConsumerReport } from './consumer-report.js';

/** What a flood has come to, in a line. */
export function say(
  name: string,
  count: number,
  seconds: number,
  compared: Comparison,
  report: ConsumerReport,
) {
  const { peakRssMb, peakHeapMb, heapMb, blockedMs, logLines, wholeTables, errors, statistics } = report;
  const { transactions, changes, collapsed, collapsedIterations, interruptions } = statistics;
  const gaps = Object.entries(statistics.gaps).filter(([, times]) => times > 0);
  const numbers = Object.entries({
    count,
    seconds,
    perSecond: count / seconds,
    caughtUpMs: compared.caughtUpMs,
    different: compared.different,
    peakRssMb,
    peakHeapMb,
    heapMb,
    blockedMs,
    logLines,
    wholeTables,
    transactions,
    changes,
    collapsed,
    collapsedIterations,
    interruptions,
    ...Object.fromEntries(gaps),
  });
  const words = numbers.map(([what, value]) => `${what} ${Number(value.toFixed(value < 10 ? 1 : 0))}`);
  console.info(`${name}: ${words.join(', ')}${errors.length > 0 ? `; ${errors[0]}` : ''}`);
}
