import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { measureDrops } from '../bench/drops/drops.js';
import { floor as keptForEver, own } from '../bench/drops/own-tag-caches.js';
import type { TagCaches } from '../bench/drops/tag-cache.js';
import type { Bench } from '../bench/harness/bench.js';
import { compare } from '../bench/harness/comparison.js';
import { runBenches } from '../bench/harness/program.js';
import { quantile, spreadOf } from '../bench/harness/statistics.js';
import { verify, WrongResult } from '../bench/harness/verify.js';
import { hitCases } from '../bench/hits/hit-case.js';
import { measureHits } from '../bench/hits/hits.js';
import { floor, type HitValue, type Memoizer } from '../bench/hits/memoizer.js';

/** Small, and without a terminal. */
const quick = {
  size: <T>(_full: T, small: T) => small,
  rounds: () => 1,
  progress: () => {},
};

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-bench-test-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('npm run bench', () => {
  it('measures, verifies and writes what it found, without the peers', async () => {
    const args = ['hits', 'drops', '--quick', '--rounds=1', '--without-peers', '--output', folder];
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/run.js', ...args]);
    expect(stdout).toContain('lru-cache fetch | left out (--without-peers)');
    expect((await readdir(folder)).sort()).toEqual(['drops.json', 'drops.md', 'hits.json', 'hits.md']);
    const report = JSON.parse(await readFile(path.join(folder, 'hits.json'), 'utf8'));
    expect(report).toMatchObject({ bench: 'hits', quick: true });
    expect(report.machine.node).toBe(process.versions.node);
    expect(report.machine.postgres).toMatch(/^\d+/);
    const [ns] = report.comparisons[0].measures;
    expect(ns.rows.map(({ name }: { name: string }) => name)).toEqual(['await from a Map', 'pgcachewatch']);
    expect(ns.rows[1].ratio.median).toBeGreaterThan(0);
  }, 60_000);

  it('fails where a result is wrong, and writes nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await runBenches(['wrong', '--output', folder], [bench(async () => verify('values', 1, 2))])).toBe(
      1,
    );
    expect(error).toHaveBeenCalledWith('Wrong result, so nothing is reported: values: expected 2, got 1');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what benches there are where it does not know one', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runBenches(['nothing'], [bench(async () => {})])).toBe(2);
    expect(written.mock.calls.join()).toContain('There is no bench nothing; there are wrong.');
  });
});

describe('a result counts only', () => {
  it('where every hit gave the right value', async () => {
    await expect(measureHits(quick, [floor, changing((value) => ({ of: `${value.of} ` }))])).rejects.toThrow(
      /wrong values from liar, one number/,
    );
  });

  it('where every hit was one', async () => {
    await expect(measureHits(quick, [floor, forgetful])).rejects.toThrow(
      /loads of forgetful after a round of hits/,
    );
  });

  it('where every call was counted as a hit', async () => {
    const uncounted: Memoizer = {
      name: 'uncounted',
      memoize: (load, hitCase) => ({ ...floor.memoize(load, hitCase), hits: () => 0 }),
    };
    await expect(measureHits(quick, [floor, uncounted])).rejects.toThrow(/uncounted that counted as hits/);
  });

  it('where what a change concerns was dropped', async () => {
    const deaf: TagCaches = {
      name: 'deaf',
      make: (...args) => ({ ...keptForEver.make(...args), prepare: () => () => {} }),
    };
    await expect(measureDrops(quick, [own, deaf])).rejects.toThrow(/loads of deaf with 1000 entries after/);
  });

  it('where nothing else was dropped', async () => {
    const wild: TagCaches = {
      name: 'wild',
      make(...args) {
        const kept = keptForEver.make(...args);
        return { get: kept.get, prepare: () => kept.prepare('table') };
      },
    };
    await expect(measureDrops(quick, [own, wild])).rejects.toThrow(/for what was not dropped/);
  });
});

describe('a comparison', () => {
  it('holds every subject against the reference of the same round, and does not count the first', async () => {
    const order: string[] = [];
    const subject = (name: string, costs: number[]) => ({
      name,
      round: async () => {
        order.push(name);
        return { ns: costs.shift() ?? 0 };
      },
    });
    const { measures, missing } = await compare(quick, {
      title: 'one',
      measures: { ns: { label: 'cost', unit: 'ns', better: 'lower' } },
      reference: 'a',
      // The machine is ten times as slow in the last round.
      subjects: [subject('a', [99, 1, 2, 10]), subject('b', [99, 3, 4, 30]), { name: 'c', missing: 'no c' }],
      rounds: 3,
    });
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a']);
    expect(measures[0]?.rows.map(({ ratio }) => ratio)).toEqual([
      { median: 1, low: 1, high: 1 },
      { median: 3, low: 2.5, high: 3 },
    ]);
    expect(missing).toEqual([{ name: 'c', missing: 'no c' }]);
  });

  it('takes quantiles between the values', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
    expect(quantile([5], 0.999)).toBe(5);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('does not hide what a subject throws', async () => {
    const subject = { name: 'a', round: () => Promise.reject(new WrongResult('no')) };
    const measures = { ns: { label: 'cost', unit: 'ns', better: 'lower' } } as const;
    const plan = { title: 'one', measures, reference: 'a', subjects: [subject], rounds: 1 };
    await expect(compare(quick, plan)).rejects.toThrow(WrongResult);
  });
});

function bench(run: () => Promise<void>): Bench {
  return {
    name: 'wrong',
    about: '',
    run: () => run().then(() => ({ settings: {}, comparisons: [] })),
  };
}

function changing(change: (value: HitValue) => HitValue): Memoizer {
  return {
    name: 'liar',
    memoize(load, hitCase) {
      const { call } = floor.memoize(load, hitCase);
      return {
        call: async (...args) => {
          const value = await call(...args);
          return value && change(value);
        },
      };
    },
  };
}

/** It has what it is asked for twice, and forgets it then. */
const forgetful: Memoizer = {
  name: 'forgetful',
  memoize(load, hitCase) {
    const { call } = floor.memoize(load, hitCase);
    let left = 2 * hitCases.number.calls.length;
    return { call: (...args) => (left-- > 0 ? call(...args) : load(...args)) };
  },
};
