import type { Breach } from '../checker/record.js';
import type { Age } from '../checker/staleness.js';
import type { Measures } from './messages.js';
import type { SoakMode } from './modes.js';

/** A breach, and what was going on around it. */
export interface Finding extends Breach {
  readonly mode: SoakMode | null;
  readonly round: number;
  readonly around: readonly string[];
}

/** What a run has come to so far. */
export class Totals {
  readonly findings: Finding[] = [];
  readonly memory = new Map<SoakMode, Measures[]>();
  /** By mode and cache, the age that came nearest to its bound. */
  readonly ages = new Map<string, Age>();
  rounds = 0;
  /** Calls of cached functions. */
  reads = 0;
  /** Values that were held against the laws: what calls gave, and what was kept at each look. */
  checked = 0;
  told = 0;
  gaps = 0;
  interruptions = 0;

  age(mode: SoakMode, place: string, age: Age): void {
    const name = `${mode}: ${place.replace(/\(\d+\)$/, '')}`;
    const worst = this.ages.get(name);
    if (worst === undefined || age.ageMs / age.boundMs > worst.ageMs / worst.boundMs)
      this.ages.set(name, age);
  }
}
