import { cache, createSource, row } from '../../src/index.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Missing } from '../harness/comparison.js';
import { isMissing, loadPeer } from '../harness/peer.js';
import { type HitCase, hitCases } from './hit-case.js';
import { hitSubject } from './hit-subject.js';
import { FLOOR, floor, type HitValue, type Memoizer, peerMemoizers } from './memoizer.js';

export const hits: Bench = {
  name: 'hits',
  about:
    'What a hit costs: awaiting the call of a wrapped function whose result is there. Ours with a dependency on a ' +
    'row, statistics and a live source, whose state every call looks at.',
  async run(context) {
    const ours = await liveMemoizer(context);
    const peers = await Promise.all(
      Object.entries(peerMemoizers).map(([name, file]) => loadMemoizer(context, name, file)),
    );
    return measureHits(context, [floor, ours, ...peers]);
  },
};

/** Measures any memoizers, beside the floor, which has to be among them. */
export async function measureHits(
  context: Pick<BenchContext, 'progress' | 'rounds' | 'size'>,
  memoizers: readonly (Memoizer | Missing)[],
): ReturnType<Bench['run']> {
  const roundMs = context.size(60, 1);
  const measure = <A extends unknown[]>(hitCase: HitCase<A>) =>
    measureCase(context, hitCase, memoizers, roundMs);
  const comparisons = [
    await measure(hitCases.number),
    await measure(hitCases.string),
    await measure(hitCases.two),
    await measure(hitCases.object),
  ];
  return {
    settings: { 'a round of one function, ms': roundMs, 'different calls': hitCases.number.calls.length },
    comparisons,
    chart: { measure: 'a hit', show: 'ratio', scale: 'log' },
  };
}

async function measureCase<A extends unknown[]>(
  context: Pick<BenchContext, 'progress' | 'rounds'>,
  hitCase: HitCase<A>,
  memoizers: readonly (Memoizer | Missing)[],
  roundMs: number,
): Promise<Comparison> {
  return compare(context, {
    title: hitCase.title,
    measures: { ns: { label: 'a hit', unit: 'ns', better: 'lower' } },
    reference: FLOOR,
    rounds: context.rounds(11),
    subjects: memoizers.map((each) => (isMissing(each) ? each : hitSubject(each, hitCase, roundMs))),
  });
}

async function loadMemoizer(context: BenchContext, name: string, file: string): Promise<Memoizer | Missing> {
  const peer = await loadPeer<{ memoizer: Memoizer }>(context, name, file);
  return isMissing(peer) ? peer : { ...peer.memoizer, name };
}

/** Ours, as it is used: a real server, triggers, a source that is live. */
async function liveMemoizer(context: BenchContext): Promise<Memoizer> {
  const server = await context.server();
  await server.query('create table orders (id int primary key)');
  await server.install({ tables: ['orders'], mode: 'notify' });
  const source = createSource({ connection: server.url, mode: 'notify' });
  context.atEnd(() => source.close());
  await source.start();
  return {
    name: 'pgcachewatch',
    memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { id }: Pick<HitCase<A>, 'id'>) {
      const cached = cache(load, { source, dependsOn: (...args: A) => [row('orders', { id: id(...args) })] });
      return { call: cached, hits: () => cached.statistics.hits };
    },
  };
}
