import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeSource, ChangeTransaction } from '../../../src/index.js';
import { randomOf } from '../random.js';
import { type Cached, KINDS, LONGEST_BOUND_MS, placeName } from './caches.js';
import { now } from './clock.js';
import type { Query, Value } from './loads.js';
import type { Recorder } from './recorder.js';
import { LOG_TABLE } from './tables.js';

const MOST_OPEN_READS = 60;
const LONGEST_PAUSE_MS = 14;
const CAUGHT_UP_EVERY_MS = 150;
/** How long after the strategies' own time it is looked whether all is as it is in the database. */
const AT_REST_AFTER_MS = LONGEST_BOUND_MS + 150;

interface Place {
  readonly name: string;
  readonly kind: string;
  readonly cached: Cached;
  readonly id: number;
}

/** Reads from the caches of one source, and has everything recorded. */
export class Reader {
  readonly #source: ChangeSource;
  readonly #recorder: Recorder;
  readonly #random;
  readonly #places: readonly Place[];
  readonly #byName: ReadonlyMap<string, Place>;
  readonly #detach: readonly (() => void)[];
  readonly #loops: Promise<void>[] = [];
  #reading = new AbortController();
  #open = 0;
  #wantsLook = 0;
  failed = 0;

  constructor(source: ChangeSource, query: Query, recorder: Recorder, seed: number) {
    this.#source = source;
    this.#recorder = recorder;
    this.#random = randomOf(seed);
    const onPredicate = () => {
      if (++this.#wantsLook % 8 === 0) this.look();
    };
    this.#places = KINDS.flatMap((kind): Place[] => {
      const cached = kind.make({ source, query, onPredicate });
      const ids = Array.from({ length: kind.args }, (_, i) => i + 1);
      return ids.map((id) => ({ name: placeName(kind.name, id), kind: kind.name, cached, id }));
    });
    this.#byName = new Map(this.#places.map((place) => [place.name, place]));
    this.#reading.abort();
    this.#detach = [
      source.on('transaction', (transaction) => this.#onTold(transaction)),
      source.on('gap', ({ reason }) => recorder.add({ is: 'gap', at: now(), reason })),
      source.on('error', (error) => {
        const code = 'code' in error ? String(error.code) : error.name;
        recorder.add({ is: 'error', at: now(), code, message: error.message });
      }),
      source.on('state', (state) => {
        recorder.add({ is: 'state', at: now(), state });
        if (state === 'live') this.look();
      }),
    ];
  }

  start(): void {
    this.#reading = new AbortController();
    this.#loops.push(this.#read(this.#reading.signal), this.#catchUp(this.#reading.signal));
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#reading.abort();
    await Promise.all(this.#loops.splice(0));
    while (this.#open > 0) await delay(5);
  }

  /** Nobody writes any more: what is kept now must be what there is. */
  async rest(): Promise<void> {
    await this.stop();
    await this.#caughtUp(AbortSignal.timeout(60_000));
    await delay(AT_REST_AFTER_MS);
    this.look(null, true);
    await Promise.all(this.#places.map((place) => this.#call(place)));
    this.look(null, true);
  }

  close(): void {
    for (const detach of this.#detach) detach();
    for (const { cached } of this.#places) cached.close();
  }

  /** Everything that is kept, in this very turn. */
  look(caughtUpTo: number | null = null, atRest = false): void {
    const at = now();
    const kept: [string, number][] = [];
    for (const { name, cached, id } of this.#places) {
      const promise = cached.peek(id);
      const value = promise && this.#recorder.keptIn(promise);
      if (value !== undefined) kept.push([name, value]);
    }
    this.#recorder.add({ is: 'look', at, caughtUpTo, atRest, state: this.#source.state, kept });
  }

  async #read(signal: AbortSignal): Promise<void> {
    const random = this.#random;
    while (!signal.aborted) {
      const choice = random.fraction();
      if (choice < 0.2) this.look();
      else if (this.#open < MOST_OPEN_READS) {
        const count = random.integer(1, 4);
        for (let i = 0; i < count; i++) {
          const place = this.#places[random.integer(0, this.#places.length - 1)];
          if (place) void this.#call(place, choice > 0.9);
        }
      }
      await pause(random.integer(1, LONGEST_PAUSE_MS), signal);
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#caughtUp(signal).catch(() => {});
      await pause(CAUGHT_UP_EVERY_MS, signal);
    }
  }

  async #caughtUp(signal: AbortSignal): Promise<void> {
    const asked = now();
    await this.#source.caughtUp({ signal });
    this.#recorder.add({ is: 'caught-up', at: now(), asked });
    this.look(asked);
  }

  async #call({ name, cached, id }: Place, fresh = false): Promise<void> {
    const { state } = this.#source;
    const recorder = this.#recorder;
    const at = now();
    const read = { is: 'read', at, place: name, fresh, state } as const;
    const promise: Promise<Value> = fresh ? cached.fresh(id) : cached(id);
    const kept = recorder.keptIn(promise);
    if (kept !== undefined) return recorder.add({ ...read, ended: at, kept: true, value: kept });
    this.#open++;
    try {
      const value = recorder.numberOf(await promise);
      recorder.add({ ...read, ended: now(), kept: false, value });
    } catch {
      this.failed++;
    } finally {
      this.#open--;
    }
  }

  /** Reads at once what was written: the moment at which a value could be the one from before, and stay. */
  #onTold({ changes }: ChangeTransaction): void {
    const writes: number[] = [];
    const concerned: string[] = [];
    for (const { table, key, operation } of changes) {
      if (key === null) continue;
      const id = Number(key.n ?? key.id);
      if (table === LOG_TABLE && operation === 'insert') writes.push(id);
      else concerned.push(...placesOf(table, id));
    }
    this.#recorder.add({ is: 'told', at: now(), writes });
    if (this.#reading.signal.aborted || this.#open >= MOST_OPEN_READS) return;
    for (const name of concerned.slice(0, 12)) {
      const place = this.#byName.get(name);
      if (place) void this.#call(place);
    }
    this.look();
  }
}

function placesOf(table: string, id: number): string[] {
  if (table === 'items') return ['item', 'many', 'late', 'timed'].map((cache) => placeName(cache, id));
  if (table === 'orders') return [placeName('several', 1)];
  return [placeName(table, id)];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
