import type { Subject } from '../harness/comparison.js';
import { verify } from '../harness/verify.js';
import type { HitCase } from './hit-case.js';
import type { Memoizer } from './memoizer.js';

/**
 * Measures the hits of one memoizer: as many as take about `roundMs`, since the slowest need a hundred times as
 * long as the quickest. Every value is looked at, and the function must not run again.
 */
export function hitSubject<A extends unknown[]>(
  memoizer: Memoizer,
  hitCase: HitCase<A>,
  roundMs: number,
): Subject<'ns'> {
  const { title, calls: different } = hitCase;
  const textOf = (args: A) => JSON.stringify(args);
  const expected = different.map(textOf);
  let loads = 0;
  const { call, hits } = memoizer.memoize<A>(async (...args) => {
    loads++;
    return { of: textOf(args) };
  }, hitCase);
  const loop = ownLoop<A>(different[0]?.length ?? 0);
  let filled = false;

  const fill = async (): Promise<void> => {
    for (const args of different) await call(...args);
    // Twice, for those that count the first hit in some other way, and to settle what is written behind.
    for (const args of different) await call(...args);
    verify(`loads of ${memoizer.name}, ${title}`, loads, different.length);
  };

  /** Nanoseconds for so many calls. */
  const take = async (calls: number): Promise<number> => {
    const hitsBefore = hits?.() ?? 0;
    const start = process.hrtime.bigint();
    const wrong = await loop(call, different, expected, calls);
    const ns = Number(process.hrtime.bigint() - start);
    verify(`wrong values from ${memoizer.name}, ${title}`, wrong, 0);
    verify(`loads of ${memoizer.name} after a round of hits, ${title}`, loads, different.length);
    if (hits) verify(`calls of ${memoizer.name} that counted as hits, ${title}`, hits() - hitsBefore, calls);
    return ns;
  };

  let calls = different.length;
  return {
    name: memoizer.name,
    async round() {
      if (!filled) {
        await fill();
        filled = true;
        while ((await take(calls)) < roundMs * 1e6) calls *= 2;
      }
      return { ns: (await take(calls)) / calls };
    },
  };
}

type Loop<A extends unknown[]> = (
  call: (...args: A) => unknown,
  args: readonly A[],
  expected: readonly string[],
  calls: number,
) => Promise<number>;

let loops = 0;

/**
 * A loop that calls and awaits, compiled for this subject alone: in a program, too, a wrapped function is called
 * from places of its own. One loop for all would have the engine expect any of them, which costs the quickest
 * of them most. The number in it keeps the engine from taking the code of the last one.
 */
function ownLoop<A extends unknown[]>(length: number): Loop<A> {
  const args = Array.from({ length }, (_, i) => `args[i & mask][${i}]`).join(', ');
  const body = `/* ${++loops} */ return async (call, args, expected, calls) => {
    const mask = args.length - 1;
    let wrong = 0;
    for (let i = 0; i < calls; i++) if ((await call(${args})).of !== expected[i & mask]) wrong++;
    return wrong;
  }`;
  return new Function(body)();
}
