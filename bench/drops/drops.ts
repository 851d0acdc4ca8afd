import type { Bench } from '../harness/bench.js';
export const drops: Bench = {
  name: 'drops',
  about: '',
  run: async () => ({ settings: {}, comparisons: [] }),
};
