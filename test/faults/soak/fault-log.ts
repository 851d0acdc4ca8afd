import type { FaultRecord, Unwatching } from '../checker/record.js';

interface Entry {
  readonly name: string;
  readonly from: number;
  unwatches: Unwatching | undefined;
  done: number;
  healed: number;
  whole: number;
  until: number;
  /** `null`: all. */
  readonly world: number | null;
}

/** Which faults there were, and when what they broke was whole again. */
export class FaultLog {
  #entries: Entry[] = [];
  readonly #counts = new Map<string, number>();
  readonly #notDone = new Map<string, number>();

  begin(name: string, world: number | null, from: number, unwatches?: Unwatching): Entry {
    const entry: Entry = {
      name,
      from,
      unwatches,
      done: Number.POSITIVE_INFINITY,
      healed: Number.POSITIVE_INFINITY,
      whole: Number.POSITIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
      world,
    };
    this.#entries.push(entry);
    return entry;
  }

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** It could not be done: what it needs was not there just then. */
  notDone(name: string): void {
    this.#notDone.set(name, (this.#notDone.get(name) ?? 0) + 1);
  }

  of(world: number): FaultRecord[] {
    return this.#entries.filter((entry) => entry.world === null || entry.world === world);
  }

  /** Those of the rounds before the last are of no interest any more. */
  forget(before: number): void {
    this.#entries = this.#entries.filter(({ until }) => until >= before);
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  get failures(): ReadonlyMap<string, number> {
    return this.#notDone;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
