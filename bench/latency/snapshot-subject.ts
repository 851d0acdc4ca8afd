import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../consumers/consumer.js';
import type { Subject } from '../harness/comparison.js';
import type { BenchServer } from '../harness/server.js';
import { type Percentile, percentiles } from './percentiles.js';

/** Between one measured thing and the next, which is not to meet what the last one left to do. */
export const PAUSE_MS = 2;

/** What the gate has to wait for at least. */
export function snapshotSubject(server: BenchServer, times: number): Subject<Percentile> {
  return {
    name: 'one round trip for a snapshot',
    async round() {
      const took: number[] = [];
      for (let i = 0; i < times; i++) {
        const start = now();
        await server.query('select pg_current_snapshot()');
        took.push(now() - start);
        await delay(PAUSE_MS);
      }
      return percentiles(took);
    },
  };
}
