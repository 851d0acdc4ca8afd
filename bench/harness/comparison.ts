import type { BenchContext } from './bench.js';
import { type Spread, spreadOf } from './statistics.js';

/** A figure that every round gives. */
export interface Measure {
  /** For people, such as `client CPU`. */
  readonly label: string;
  readonly unit: 'ns' | 'µs' | 'ms' | 'bytes' | '%' | '/s' | '';
  readonly better: 'lower' | 'higher';
}

/** Something that is measured. `K` are the names of the measures. */
export interface Subject<K extends string> {
  readonly name: string;
  /** Does the work once, verifies what came of it, and only then tells what it cost. */
  round(): Promise<Readonly<Record<K, number>>>;
}

/** Something that cannot be measured here, and why. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

export interface ComparisonPlan<K extends string> {
  readonly title: string;
  readonly measures: Readonly<Record<K, Measure>>;
  /** The subject that the others are held against, round by round. */
  readonly reference: string;
  readonly subjects: readonly (Subject<K> | Missing)[];
  readonly rounds: number;
  /** How many rounds come before, to warm up, and do not count. Default: one. */
  readonly warmUps?: number;
}

export interface Comparison {
  readonly title: string;
  readonly reference: string;
  readonly rounds: number;
  readonly measures: readonly MeasureResult[];
  readonly missing: readonly Missing[];
}

export interface MeasureResult extends Measure {
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  readonly spread: Spread;
  /** To the reference in the same round; `null` where that was not measured, or was 0. */
  readonly ratio: Spread | null;
  /** As measured, in the order of the rounds. */
  readonly values: readonly number[];
}

/**
 * Measures the subjects in interleaved rounds, so that what slows the machine down slows all of them. Every
 * round begins with another subject.
 *
 * @throws what a subject throws: above all WrongResult
 */
export async function compare<K extends string>(
  context: Pick<BenchContext, 'progress'>,
  { title, measures, reference, subjects, rounds, warmUps = 1 }: ComparisonPlan<K>,
): Promise<Comparison> {
  const present = subjects.filter((subject) => 'round' in subject);
  const taken = new Map(present.map((subject) => [subject, [] as Readonly<Record<K, number>>[]]));
  for (let round = 1 - warmUps; round <= rounds; round++) {
    const first = round + warmUps - 1;
    for (let place = 0; place < present.length; place++) {
      const subject = present[(place + first) % present.length];
      if (subject === undefined) continue;
      context.progress(
        `${title}: ${round < 1 ? 'warming up' : `round ${round} of ${rounds}`}, ${subject.name}`,
      );
      const measured = await subject.round();
      if (round > 0) taken.get(subject)?.push(measured);
    }
  }
  const names = Object.keys(measures).filter((name): name is K => name in measures);
  const base = present.find(({ name }) => name === reference);
  return {
    title,
    reference,
    rounds,
    missing: subjects.filter((subject) => 'missing' in subject),
    measures: names.map((name) => {
      const of = (subject: Subject<K> | undefined) => {
        const measured = subject === undefined ? undefined : taken.get(subject);
        return measured?.map((figures) => figures[name]) ?? [];
      };
      const rows = present.map((subject) => toRow(subject.name, of(subject), of(base)));
      return { ...measures[name], rows };
    }),
  };
}

function toRow(name: string, values: readonly number[], base: readonly number[]): Row {
  const ratios = values.map((value, round) => value / (base[round] ?? Number.NaN));
  const ratio = ratios.every(Number.isFinite) ? spreadOf(ratios) : null;
  return { name, spread: spreadOf(values), ratio, values };
}
