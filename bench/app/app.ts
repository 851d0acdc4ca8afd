import type { Bench } from '../harness/bench.js';
export const app: Bench = { name: 'app', about: '', run: async () => ({ settings: {}, comparisons: [] }) };
