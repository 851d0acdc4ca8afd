import type { SubjectEvent } from '../checker/record.js';
import { now } from './clock.js';
import type { Value } from './loads.js';

/** Writes down what happens in the process under test, in its order. */
export class Recorder {
  readonly #values = new WeakMap<Value, number>();
  readonly #settled = new WeakMap<Promise<Value>, number>();
  readonly #followed = new WeakSet<Promise<Value>>();
  #events: SubjectEvent[] = [];
  #lastValue = 0;

  add(event: SubjectEvent): void {
    this.#events.push(event);
  }

  /** What was added since the last time. */
  take(): readonly SubjectEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The number of a value: every load's is another one, whatever it holds. */
  numberOf(value: Value): number {
    let id = this.#values.get(value);
    if (id === undefined) {
      id = ++this.#lastValue;
      this.#values.set(value, id);
      this.add({ is: 'value', at: now(), id, rows: value });
    }
    return id;
  }

  /** The number of the value that a promise is known to hold, or `undefined`: it is not known yet. */
  keptIn(promise: Promise<Value>): number | undefined {
    const known = this.#settled.get(promise);
    if (known === undefined && !this.#followed.has(promise)) {
      this.#followed.add(promise);
      promise.then(
        (value) => this.#settled.set(promise, this.numberOf(value)),
        () => {},
      );
    }
    return known;
  }
}
