import type { Fault } from '../../fault.js';

const HOUR_MS = 3_600_000;

/** What can happen to the process under test. */
export const processFaults: readonly Fault[] = [
  {
    name: 'process: event loop blocked',
    async inject({ subject }, random) {
      await subject.block(random.integer(20, 2_000));
      return async () => {};
    },
  },
  {
    name: 'process: stopped',
    async inject({ subject }) {
      subject.stop();
      return async () => subject.resume();
    },
  },
  {
    name: 'process: clock stepped',
    async inject({ subject }, random) {
      await subject.stepClock(random.pick([1, -1]) * random.integer(1, 48 * HOUR_MS));
      return async () => {};
    },
  },
];
