import type { Bench } from '../harness/bench.js';
export const writers: Bench = {
  name: 'writers',
  about: '',
  run: async () => ({ settings: {}, comparisons: [] }),
};
