import type pg from 'pg';
import { quantile } from '../harness/statistics.js';
import { verify, WrongResult } from '../harness/verify.js';
import type { ServiceProcess } from './service-process.js';

/** So many requests at a time. */
const USERS = 16;
/** One in so many is a write, every other one of them by somebody else than the service. */
const WRITE_EVERY = 20;
const SETTLED_WITHIN_MS = 5_000;

export interface Served {
  readonly rate: number;
  readonly p99Ms: number;
  readonly reads: number;
  /** Reads whose answer was older than what was committed before they were sent. */
  readonly stale: number;
}

/** What is known of the orders while they are read and written. */
export class MixedLoad {
  readonly #others: pg.Pool;
  readonly #first: number;
  /** By order, from the first one on: the version that is known to be committed, and the one that writes on their way lead to. */
  readonly #committed: Int32Array;
  readonly #begun: Int32Array;

  /** @param others the connections of those who write beside the service */
  constructor(others: pg.Pool, first: number, orders: number) {
    this.#others = others;
    this.#first = first;
    this.#committed = new Int32Array(orders);
    this.#begun = new Int32Array(orders);
  }

  /** Some orders are asked for far more often than others. The same requests for everyone, by `seed`. */
  async run(service: ServiceProcess, requests: number, seed: number): Promise<Served> {
    const random = randomFrom(seed);
    const times: number[] = [];
    let stale = 0;
    let sent = 0;
    const user = async (): Promise<void> => {
      while (sent < requests) {
        const turn = sent++;
        const place = Math.floor(this.#committed.length * random() ** 3);
        if (turn % WRITE_EVERY === 0) await this.#write(service, place, turn % (2 * WRITE_EVERY) === 0);
        else stale += await this.#read(service, place, times);
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: USERS }, user));
    const seconds = (performance.now() - start) / 1_000;
    return { rate: requests / seconds, p99Ms: quantile(times, 0.99), reads: times.length, stale };
  }

  /**
   * Asks for every order. Whoever `settles` shows it as it is, soon at the latest: the others go on as they are.
   *
   * @throws WrongResult
   */
  async settle(service: ServiceProcess, settles: boolean): Promise<void> {
    const deadline = Date.now() + SETTLED_WITHIN_MS;
    for (let place = 0; place < this.#committed.length; place++) {
      const id = this.#first + place;
      while ((await service.call('GET', id)).version !== this.#committed[place] && settles) {
        if (Date.now() > deadline) throw new WrongResult(`Order ${id} is shown as it was, for ever`);
      }
    }
  }

  async #read(service: ServiceProcess, place: number, times: number[]): Promise<number> {
    const known = this.#committed[place] ?? 0;
    const start = performance.now();
    const { id, version } = await service.call('GET', this.#first + place);
    times.push(performance.now() - start);
    verify('the order that was asked for', id, this.#first + place);
    const begun = this.#begun[place] ?? 0;
    if (typeof version === 'number' && version <= begun) return version < known ? 1 : 0;
    throw new WrongResult(`Order ${id} was shown with version ${version}, which nobody has written`);
  }

  async #write(service: ServiceProcess, place: number, byService: boolean): Promise<void> {
    const id = this.#first + place;
    this.#begun[place] = (this.#begun[place] ?? 0) + 1;
    const version = byService ? (await service.call('POST', id)).version : await this.#writeBeside(id);
    this.#committed[place] = Math.max(this.#committed[place] ?? 0, Number(version));
  }

  async #writeBeside(id: number): Promise<unknown> {
    const text = 'update orders set version = version + 1 where id = $1 returning version';
    const { rows } = await this.#others.query(text, [id]);
    return rows[0].version;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
