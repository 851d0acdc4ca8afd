import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { Client } from 'pg';
import type { LoadContext } from '../../src/index.js';
import type { Arg, CacheUnderTest, Value } from './caches.js';

/** How a load goes: one that is slow has read, and waits at a gate before it returns; or waits before it reads. */
export type Pace = 'quick' | 'slow' | 'slow to read';

export interface LoadPlan {
  readonly pace: Pace;
  readonly fails: boolean;
}

/** One run of a cached function. */
export interface Load {
  readonly name: string;
  readonly n: number;
  /** The last version that was told when it began. */
  readonly told: number;
  /** By the count of what has happened; `null`: it is under way. */
  overAt: number | null;
}

export class LoadFailure extends Error {
  readonly load: Load;

  constructor(load: Load) {
    super(`load ${load.n} of ${load.name} fails`);
    this.load = load;
  }
}

const QUICK: LoadPlan = { pace: 'quick', fails: false };

/** The runs of the cached functions, which the program holds up, and makes fail. */
export class Loads {
  readonly #reader: Client;
  readonly #told: () => number;
  readonly #log: (line: string) => void;
  /** The connection of the transaction that the caller is in. */
  readonly #transaction = new AsyncLocalStorage<Client>();
  readonly #loadOf = new WeakMap<Value, Load>();
  readonly #gates: { readonly load: Load; readonly open: () => void }[] = [];
  #plan = QUICK;
  #running = 0;
  #count = 0;
  #ticks = 0;

  constructor(reader: Client, told: () => number, log: (line: string) => void) {
    this.#reader = reader;
    this.#told = told;
    this.#log = log;
  }

  /** Calls something whose loads, begun at once, go by the plan. */
  planned<T>(plan: LoadPlan, call: () => T): T {
    this.#plan = plan;
    try {
      return call();
    } finally {
      this.#plan = QUICK;
    }
  }

  /** Calls something whose loads read in a transaction. */
  within<T>(transaction: Client, call: () => T): T {
    return this.#transaction.run(transaction, call);
  }

  of(value: Value): Load | undefined {
    return this.#loadOf.get(value);
  }

  /** The cached function itself. */
  async run(cache: CacheUnderTest, arg: Arg, context?: LoadContext): Promise<Value> {
    const { pace, fails } = this.#plan;
    const load: Load = {
      name: `${cache.name}(${arg})`,
      n: ++this.#count,
      told: this.#told(),
      overAt: null,
    };
    const client = this.#transaction.getStore() ?? this.#reader;
    this.#running++;
    try {
      if (pace === 'slow to read') await this.#gate(load, 'waits before it reads');
      const result = await client.query(`select n as version, ${cache.sql} as rows from version`, [arg]);
      const value: Value = result.rows[0];
      this.#loadOf.set(value, load);
      this.#log(`   (load ${load.n} of ${load.name} has read version ${value.version})`);
      if (pace === 'slow') await this.#gate(load, 'waits before it returns');
      if (fails) throw new LoadFailure(load);
      if (context && cache.tells) context.dependsOn(...cache.tells(value.rows, arg));
      return value;
    } finally {
      this.#running--;
      load.overAt = ++this.#ticks;
    }
  }

  /** Loads that are over from now on have a greater one. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Lets the i-th of those that wait go on, modulo how many there are; -1: the last. Returns which. */
  open(i: number): Load | undefined {
    const [gate] = this.#gates.splice(i % Math.max(1, this.#gates.length), 1);
    gate?.open();
    return gate?.load;
  }

  get areWaiting(): boolean {
    return this.#gates.length > 0;
  }

  /** Waits until every load is over, or waits at its gate. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3; still = this.#running === 0 ? still + 1 : 0) await turn();
  }

  async #gate(load: Load, what: string): Promise<void> {
    this.#running--;
    this.#log(`   (load ${load.n} of ${load.name} ${what})`);
    await new Promise<void>((open) => this.#gates.push({ load, open }));
    this.#running++;
  }
}
