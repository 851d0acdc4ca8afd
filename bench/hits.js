// What a hit costs, beside the least it can cost: awaiting a promise out of a Map. Needs a build.
//   npm run build && node bench/hits.js
import pg from 'pg';
import { startEmbeddedServer } from '../dist/demo/embedded-server.js';
import { cache, createSource, row } from '../dist/index.js';
import { commitPlan, planInstall } from '../dist/install/index.js';

const ROUNDS = 15;
const CALLS = 300_000;

const server = await startEmbeddedServer();
const client = new pg.Client({ connectionString: server.url });
await client.connect();
await client.query('create table orders (id int primary key)');
await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'notify' }));
const source = createSource({ connection: server.url, mode: 'notify' });
await source.start();

const floor = new Map([[42, Promise.resolve('value')]]);
const cached = cache(async (id) => `value ${id}`, { source, dependsOn: (id) => [row('orders', { id })] });
await cached(42);
const subjects = { floor: () => floor.get(42), hit: () => cached(42) };

const times = { floor: [], hit: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, call] of Object.entries(subjects)) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) await call();
    times[name].push(Number(process.hrtime.bigint() - start) / CALLS);
  }
}
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const ratios = times.hit.map((hit, i) => hit / times.floor[i]);
if (cached.statistics.hits !== ROUNDS * CALLS) throw new Error('some calls were not hits');
console.log(`ratio ${median(ratios).toFixed(2)}, the median of ${ROUNDS} interleaved rounds`);
console.log(`hit ${median(times.hit).toFixed(0)} ns, floor ${median(times.floor).toFixed(0)} ns`);

await source.close();
await client.end();
await server.stop();
