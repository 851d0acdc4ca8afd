import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Missing, type Subject } from '../harness/comparison.js';
import { isMissing, loadPeer } from '../harness/peer.js';
import { Filled } from './filled.js';
import { memorySubject } from './memory.js';
import { FLOOR, floor, OURS, own } from './own-tag-caches.js';
import { peerTagCaches, type TagCaches } from './tag-cache.js';

export const drops: Bench = {
  name: 'drops',
  about:
    'What it costs to drop what a change concerns: one entry by its row, or all of them by the table, and what an ' +
    'entry takes. What was dropped has to be loaded again, and nothing else.',
  async run(context) {
    const peers = await Promise.all(
      Object.entries(peerTagCaches).map(async ([name, file]): Promise<TagCaches | Missing> => {
        const peer = await loadPeer<{ tagCaches: TagCaches }>(context, name, file);
        return isMissing(peer) ? peer : { ...peer.tagCaches, name };
      }),
    );
    return measureDrops(context, [own, ...peers]);
  },
};

/** Measures any caches, of which the first one is held against itself at several sizes. */
export async function measureDrops(
  context: Pick<BenchContext, 'progress' | 'rounds' | 'size'>,
  [first = own, ...others]: readonly (TagCaches | Missing)[],
): ReturnType<Bench['run']> {
  const sizes = context.size([1_000, 10_000, 100_000, 1_000_000], [1_000, 10_000]);
  const changes = context.size(10_000, 500);
  const memory = context.size(100_000, 2_000);
  const rounds = context.rounds(5);
  const all = [first, ...others];
  const present = all.filter((each) => 'make' in each);
  const missing = all.filter((each) => 'missing' in each);

  const comparisons: Comparison[] = [];
  const compareAll = async (title: string, reference: string, subjects: (Subject<'ns'> | Missing)[]) => {
    const measures = { ns: { label: 'a drop', unit: 'ns', better: 'lower' } } as const;
    comparisons.push(await compare(context, { title, measures, reference, rounds, subjects }));
  };
  const sized = (size: number) => `${OURS}, ${size.toLocaleString('en-US')} entries`;
  const grown = isMissing(first) ? [] : sizes.map((size) => rowSubject(sized(size), first, size, changes));
  await compareAll('the change of a row', sized(sizes[0] ?? 0), grown);
  const entries = (size: number) => `${size.toLocaleString('en-US')} entries`;
  for (const size of context.size([1_000, 100_000], [1_000])) {
    const subjects = present.map((each) => rowSubject(each.name, each, size, changes));
    await compareAll(`by row, ${entries(size)}`, OURS, [...subjects, ...missing]);
  }
  // No larger: to fill a cache takes some of the others longer than in proportion where all carry the same tag.
  for (const size of context.size([1_000, 10_000], [1_000])) {
    const subjects = present.map((each) => tableSubject(each, size));
    await compareAll(`by table, for each of ${entries(size)}`, OURS, [...subjects, ...missing]);
  }
  comparisons.push(
    await compare(context, {
      title: `an entry, of ${memory.toLocaleString('en-US')} with a row each`,
      measures: { bytes: { label: 'heap', unit: 'bytes', better: 'lower' } },
      reference: FLOOR,
      rounds: Math.min(rounds, 3),
      subjects: [floor, ...present].map((each) => memorySubject(each, memory)),
    }),
  );
  return {
    settings: { 'changes a round': changes },
    comparisons,
    chart: { measure: 'a drop', show: 'median', scale: 'log' },
  };
}

/** One change a row, of rows here and there. */
function rowSubject(name: string, tagCaches: TagCaches, size: number, changes: number): Subject<'ns'> {
  const batch = Math.min(changes, BATCH);
  let filled: Filled | null = null;
  let at = 0;
  return {
    name,
    async round() {
      filled ??= await Filled.make(tagCaches, size, 'row');
      let ns = 0;
      for (let done = 0; done < changes; done += batch) {
        // Steps of a size that shares no factor with the number of entries come to each of them once.
        const rows = Array.from({ length: batch }, () => (at = (at + STEP) % size));
        ns += await filled.apply(rows.map((row) => ({ row })));
        await filled.refill(rows.sort((a, b) => a - b));
      }
      return { ns: ns / changes };
    },
  };
}

const STEP = 7_919;

/**
 * How many changes are prepared at once. As many at every size, or those of the larger caches would have left the
 * processor's own caches by their turn; and half of the smallest cache, as of an empty one, nothing can be dropped.
 */
const BATCH = 500;

/** One change that drops everything, by what it costs for each entry. */
function tableSubject(tagCaches: TagCaches, size: number): Subject<'ns'> {
  let filled: Filled | null = null;
  return {
    name: tagCaches.name,
    async round() {
      filled ??= await Filled.make(tagCaches, size, 'table');
      const ns = await filled.apply(['table']);
      await filled.load(0, size);
      return { ns: ns / size };
    },
  };
}
