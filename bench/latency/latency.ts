import type { Bench } from '../harness/bench.js';
export const latency: Bench = {
  name: 'latency',
  about: '',
  run: async () => ({ settings: {}, comparisons: [] }),
};
