import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'pg';
import { asError } from '../../src/errors.js';
import {
  type CachedFunction,
  type ChangeSource,
  cache,
  type LoadContext,
  uncached,
} from '../../src/index.js';
import type { Arg, CacheUnderTest, Value } from './caches.js';
import { History, type Version } from './history.js';
import { KeptValues } from './kept-values.js';
import { Knowledge } from './knowledge.js';
import { LoadFailure, type LoadPlan, Loads } from './loads.js';
import { ManualClock } from './manual-clock.js';

/** A cached function at one argument. */
export interface Place {
  readonly label: string;
  readonly kind: CacheUnderTest;
  readonly cached: CachedFunction<[arg: Arg], Value>;
  readonly arg: Arg;
}

export interface ReadOptions {
  readonly plan?: LoadPlan;
  /** Not older than whatever was committed before the call. */
  readonly fresh?: boolean;
}

const QUICK: LoadPlan = { pace: 'quick', fails: false };

/** The caches of one program, the model beside them, and what is wrong between the two. */
export class World {
  readonly source: ChangeSource;
  readonly clock = new ManualClock();
  readonly history = new History();
  readonly knowledge: Knowledge;
  readonly loads: Loads;
  readonly kept: KeptValues;
  readonly places: readonly Place[];
  /** What has happened, for people. */
  readonly log: string[] = [];
  readonly wrong: string[] = [];
  readonly #caches: CachedFunction<[arg: Arg], Value>[] = [];
  readonly #byXid = new Map<number, number>();
  readonly #waiting = new Set<string>();
  readonly #detach: (() => void)[];

  constructor(source: ChangeSource, kinds: readonly CacheUnderTest[], reader: Client) {
    this.source = source;
    this.knowledge = new Knowledge(source, this.clock);
    this.loads = new Loads(
      reader,
      () => this.knowledge.lastTold,
      (line) => this.log.push(line),
    );
    this.kept = new KeptValues(source, this.history, this.loads);
    this.places = kinds.flatMap((kind) => {
      const cached = this.#cache(kind);
      this.#caches.push(cached);
      return kind.args.map((arg): Place => ({ label: `${kind.name}(${arg})`, kind, cached, arg }));
    });
    this.#detach = [
      source.on('transaction', ({ xid }) => this.#onTold(xid)),
      source.on('change', ({ transaction: { xid } }) => this.#onTold(xid)),
      source.on('gap', ({ reason }) => {
        this.log.push(`   (gap: ${reason})`);
        this.kept.gaps++;
      }),
      source.on('state', (state) => {
        this.log.push(`   (the source is ${state})`);
        if (state === 'interrupted') this.knowledge.interrupted();
        if (state !== 'live') return;
        this.knowledge.live();
        this.look();
      }),
    ];
  }

  /** How much of what is of interest has happened. */
  get statistics(): { hits: number; overtaken: number; dropped: number; gaps: number } {
    const all = this.#caches.map(({ statistics }) => statistics);
    const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
    return {
      hits: sum(all.map(({ hits }) => hits)),
      overtaken: sum(all.map(({ overtaken }) => overtaken)),
      dropped: sum(all.map(({ invalidations }) => invalidations.change)),
      gaps: this.kept.gaps,
    };
  }

  /** The reads that nothing has come of so far. */
  get waiting(): string[] {
    return [...this.#waiting];
  }

  close(): void {
    for (const detach of this.#detach) detach();
    for (const each of this.#caches) each.close();
  }

  /** The version can be read and told from now on; its commit is about to return. */
  add(version: Version, xid: number): void {
    this.history.add(version);
    this.#byXid.set(xid, version.n);
  }

  /** Reads, and checks what comes of it. Never rejects. */
  async read(place: Place, { plan = QUICK, fresh = false }: ReadOptions = {}): Promise<void> {
    const { cached, arg, kind, label } = place;
    const floor = this.knowledge.floor(kind, fresh);
    const { ticks } = this.loads;
    const token = `${label}, asked for at line ${this.log.length}`;
    this.#waiting.add(token);
    try {
      const value = await this.loads.planned(plan, () => (fresh ? cached.fresh(arg) : cached(arg)));
      this.log.push(`   ${label} is version ${value.version}: ${JSON.stringify(value.rows)}`);
      this.#check(place, value, floor, 'given');
    } catch (error) {
      this.log.push(`   ${label}: ${String(error)}`);
      const { load } = error instanceof LoadFailure ? error : { load: null };
      if (load === null) this.wrong.push(`${label} failed: ${String(error)}`);
      else if (load.overAt !== null && load.overAt <= ticks)
        this.wrong.push(`${label} failed by a load that had failed before the call: ${error}`);
    } finally {
      this.#waiting.delete(token);
    }
  }

  /** Reads within a transaction that has not ended, past the caches. Never rejects. */
  async readWithin(transaction: Client, { cached, arg, kind, label }: Place, draft: Version): Promise<void> {
    let has: Value | Error | null = null;
    const answered = this.loads
      .within(transaction, () => uncached(() => cached(arg)))
      .then(
        (value) => {
          has = value;
        },
        (error: unknown) => {
          has = asError(error);
        },
      );
    await Promise.race([answered, this.loads.quiet()]);
    this.log.push(`   ${label}, within, is ${JSON.stringify(has)}`);
    const expected = { version: draft.n, rows: kind.expected(draft.state, arg) };
    if (!isDeepStrictEqual(has, expected)) {
      this.wrong.push(`${label}, within the transaction, is not what that sees: ${JSON.stringify(expected)}`);
    }
  }

  /** Looks at all that is cached. */
  look(): void {
    for (const place of this.places) {
      const { value, wrong } = this.kept.look(place);
      this.wrong.push(...wrong);
      if (value) this.#check(place, value, this.knowledge.floor(place.kind), 'kept');
    }
  }

  #check({ label, kind, arg }: Place, value: Value, floor: number, how: string): void {
    const version = this.history.find(value.version);
    if (version === undefined) {
      this.wrong.push(`${label} is of version ${value.version}, which was rolled back`);
      return;
    }
    if (!isDeepStrictEqual(value.rows, kind.expected(version.state, arg))) {
      this.wrong.push(`${label} is not what version ${value.version} holds: ${JSON.stringify(value.rows)}`);
    }
    const superseded = this.history.supersededBy(value.version, kind, arg);
    if (superseded !== undefined && superseded <= floor) {
      this.wrong.push(
        `${label} is ${how} as of version ${value.version}, though version ${superseded} has replaced it` +
          ` and everything up to version ${floor} counts`,
      );
    }
  }

  #onTold(xid: number | null): void {
    this.kept.transactionApplied();
    const version = xid === null ? undefined : this.#byXid.get(xid);
    if (version === undefined) return;
    this.knowledge.tell(version);
    this.look();
  }

  #cache(kind: CacheUnderTest): CachedFunction<[arg: Arg], Value> {
    const { source, clock, loads } = this;
    const options = {
      ...kind.options((change) => {
        this.wrong.push(...this.kept.duringTransaction(change, this.places));
        return true;
      }),
      source,
      clock,
      name: kind.name,
    };
    return kind.tells
      ? cache((arg: Arg, context: LoadContext) => loads.run(kind, arg, context), {
          ...options,
          context: true,
        })
      : cache((arg: Arg) => loads.run(kind, arg), { ...options, context: false });
  }
}
