import type { History } from './history.js';
import type { PlacePromise } from './place.js';
import type { Breach, SeenRow } from './record.js';
import { rowsOf } from './staleness.js';

/** Sees to it that what is kept at a place never goes back to what it has been before. */
export class KeptOrder {
  readonly #history: History;
  readonly #last = new Map<string, Map<string, number>>();

  constructor(history: History) {
    this.#history = history;
  }

  look(place: string, promise: PlacePromise, rows: readonly SeenRow[], at: number): Breach[] {
    const breaches: Breach[] = [];
    const last = this.#last.get(place) ?? new Map<string, number>();
    this.#last.set(place, last);
    for (const [scope, version] of rowsOf({ rows }, promise)) {
      const from = last.get(scope.row) ?? 0;
      const index = this.#history.firstSeenAs(scope, version, from);
      if (index !== -1) last.set(scope.row, index);
      else if (this.#history.firstSeenAs(scope, version, 0) !== -1) {
        const before = this.#history.of(scope.row)[from]?.write.n;
        const what = `${place} has kept ${scope.row} as of ${version}, after it had kept it as of ${before}`;
        breaches.push({ law: 'order', at, what });
      }
    }
    return breaches;
  }
}
