import pg from 'pg';
import type { Bench, BenchContext } from '../harness/bench.js';
import { compare, type Missing, type Subject } from '../harness/comparison.js';
import { isMissing, loadPeer } from '../harness/peer.js';
import type { BenchServer } from '../harness/server.js';
import { MixedLoad } from './mixed-load.js';
import { ServiceProcess } from './service-process.js';

type Key = 'rate' | 'p99' | 'saved' | 'stale';

interface Variant {
  readonly name: string;
  readonly module: string;
  readonly kind: string;
  /** Whether it has to show the truth in the end. */
  readonly settles: boolean;
}

const NONE = 'no cache';
const ORDERS = 1_000;

const own: readonly Variant[] = [
  { name: NONE, module: './variants', kind: 'none', settles: true },
  { name: 'TTL of 1 s', module: './variants', kind: 'ttl 1 s', settles: true },
  { name: 'TTL of 30 s', module: './variants', kind: 'ttl 30 s', settles: false },
  { name: 'pgcachewatch, notify', module: './variants', kind: 'notify', settles: true },
  { name: 'pgcachewatch, replication', module: './variants', kind: 'replication', settles: true },
];
/** Told by the service of its own writes alone: of others, it cannot know. */
const byHand: Variant = {
  name: 'bentocache, tags dropped by hand',
  module: '../peers/order-cache',
  kind: 'tags',
  settles: false,
};

export const app: Bench = {
  name: 'app',
  about:
    'A small HTTP service that reads an order and its items: 19 of 20 requests read, one writes, and every other ' +
    'write is made by somebody else. A response is stale if a newer version was committed before the request was ' +
    'sent; every order shown was one that was asked for and once was there.',
  async run(context) {
    const server = await context.server();
    await makeTables(server, ORDERS * (own.length + 1));
    const requests = context.size(6_000, 400);
    const peer = await loadPeer<object>(context, byHand.name, 'order-cache');
    const variants = [...own, isMissing(peer) ? peer : byHand];
    const others = new pg.Pool({ connectionString: server.url, max: 4 });
    context.atEnd(() => others.end());
    const subjects: (Subject<Key> | Missing)[] = [];
    for (const [place, variant] of variants.entries()) {
      // Orders of its own: what is written while the others are measured is not its to know.
      const load = new MixedLoad(others, 1 + place * ORDERS, ORDERS);
      subjects.push(isMissing(variant) ? variant : await subject(context, server, load, variant, requests));
    }
    const comparison = await compare(context, {
      title: 'mixed load',
      measures: {
        rate: { label: 'requests', unit: '/s', better: 'higher' },
        p99: { label: 'p99 of reads', unit: 'ms', better: 'lower' },
        saved: { label: 'reads without a query', unit: '%', better: 'higher' },
        stale: { label: 'stale responses', unit: '%', better: 'lower' },
      },
      reference: NONE,
      rounds: context.rounds(5),
      subjects,
    });
    return {
      settings: { 'requests a round': requests, orders: ORDERS, 'items an order': 10 },
      comparisons: [comparison],
      chart: { measure: 'requests', show: 'ratio', scale: 'linear' },
    };
  },
};

async function makeTables(server: BenchServer, orders: number): Promise<void> {
  await server.query(`
    create table orders (id int primary key, version int not null default 0);
    create table items (
      order_id int references orders, line int, price int, quantity int, primary key (order_id, line)
    );
    insert into orders select generate_series(1, ${orders});
    insert into items select o, i, 7 * i + o % 100, 1 + i % 3
      from generate_series(1, ${orders}) o, generate_series(1, 10) i;
    analyze`);
  await server.install({ tables: ['orders', 'items'], mode: 'both' });
}

async function subject(
  context: BenchContext,
  server: BenchServer,
  load: MixedLoad,
  { name, module, kind, settles }: Variant,
  requests: number,
): Promise<Subject<Key>> {
  const service = await ServiceProcess.start(server.url, module, kind);
  context.atEnd(() => service.end());
  let round = 0;
  return {
    name,
    async round() {
      const before = await service.queries();
      const { rate, p99Ms, reads, stale } = await load.run(service, requests, ++round);
      const queries = (await service.queries()) - before;
      await load.settle(service, settles);
      const percent = (part: number) => (100 * part) / reads;
      return { rate, p99: p99Ms, saved: percent(reads - queries), stale: percent(stale) };
    },
  };
}
