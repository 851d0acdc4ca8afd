import { app } from './app/app.js';
import { drops } from './drops/drops.js';
import { runBenches } from './harness/program.js';
import { hits } from './hits/hits.js';
import { latency } from './latency/latency.js';
import { server } from './server/server.js';
import { throughput } from './throughput/throughput.js';
import { writers } from './writers/writers.js';

process.exitCode = await runBenches(process.argv.slice(2), [
  throughput,
  latency,
  writers,
  server,
  hits,
  drops,
  app,
]);
