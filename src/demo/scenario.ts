import { isDeepStrictEqual } from 'node:util';
import { watchDrops } from './watch-drops.js';

/** One cached result, beside the means to check it. */
export interface Reading {
  readonly name: string;
  /** Through the cache. */
  cached(): Promise<unknown>;
  /** From the database, around the cache. */
  direct(): Promise<unknown>;
  isCached(): boolean;
  /** How many calls its cache has answered from memory. */
  hits(): number;
}

/** The same readings, cached on one source. */
export interface Observer {
  /** What it is called beside the others: the source's mode. */
  readonly mode: string;
  readonly readings: readonly Reading[];
  /** Resolves when everything committed so far has been applied to the caches. */
  caughtUp(): Promise<void>;
  /** Calls the listener whenever the caches have been told something; returns what takes it off. */
  onTold(listener: () => void): () => void;
}

/** What somebody else does to the database, and what the caches have to make of it. */
export interface Write {
  readonly title: string;
  /** Run one by one on one connection; with the last of them it is committed, or rolled back. */
  readonly statements: readonly string[];
  /** The names of the readings that have to be dropped; every other one has to stay. */
  readonly drops: readonly string[];
}

export interface Read {
  readonly name: string;
  readonly outcome: 'hit' | 'miss';
  readonly value: unknown;
}

/** What one of the observers made of a write. */
export interface Observed {
  readonly mode: string;
  /** In milliseconds after the commit, by the name of the reading. */
  readonly dropped: ReadonlyMap<string, number>;
  readonly kept: readonly string[];
  /** What was read afterwards. */
  readonly reads: readonly Read[];
}

export type ScenarioEvent =
  | { readonly kind: 'write'; readonly write: Write }
  /** One for each observer, in their order. */
  | { readonly kind: 'observed'; readonly observed: readonly Observed[] }
  | { readonly kind: 'problem'; readonly text: string };

export interface ScenarioOptions {
  readonly observers: readonly Observer[];
  readonly writes: readonly Write[];
  /** Runs a statement on a connection that the caches know nothing of. */
  readonly execute: (statement: string) => Promise<unknown>;
  readonly report: (event: ScenarioEvent) => void;
}

/**
 * Plays the writes, one by one, and checks after each that every observer dropped exactly the right results
 * and that what its caches now say is what the database says.
 *
 * @returns what was wrong: nothing, if the library works
 */
export async function runScenario(options: ScenarioOptions): Promise<string[]> {
  const { observers, writes } = options;
  const problems: string[] = [];
  const report = (event: ScenarioEvent): void => {
    if (event.kind === 'problem') problems.push(event.text);
    options.report(event);
  };
  const wrong = (texts: readonly string[]): void => {
    for (const text of texts) report({ kind: 'problem', text });
  };

  for (const _ of ['to fill', 'to hit']) {
    const read = await Promise.all(observers.map(readAll));
    const nothing = { dropped: new Map<string, number>(), kept: [] };
    report({ kind: 'observed', observed: read.map(({ mode, reads }) => ({ mode, reads, ...nothing })) });
    wrong(read.flatMap(({ stale }) => stale));
  }
  for (const write of writes) {
    report({ kind: 'write', write });
    const played = await play(write, options);
    const read = await Promise.all(observers.map(readAll));
    const observed = played.map((each, i) => ({ ...each, reads: read[i]?.reads ?? [] }));
    report({ kind: 'observed', observed });
    wrong([...played.flatMap((each) => each.wrong), ...read.flatMap(({ stale }) => stale)]);
  }
  return problems;
}

interface Played extends Omit<Observed, 'reads'> {
  readonly wrong: readonly string[];
}

async function play(write: Write, options: ScenarioOptions): Promise<Played[]> {
  const { observers, execute } = options;
  const watches = observers.map((observer) => ({
    observer,
    drops: watchDrops(observer.readings, observer.onTold),
  }));
  let committingAt = performance.now();
  for (const statement of write.statements) {
    committingAt = performance.now();
    await execute(statement);
  }
  const committedAt = performance.now();

  await Promise.all(observers.map((observer) => observer.caughtUp()));

  return watches.map(({ observer: { mode, readings }, drops }) => {
    drops.stop();
    const wrong: string[] = [];
    const dropped = new Map<string, number>();
    for (const [name, at] of drops.droppedAt) {
      // The notification can overtake the answer to the writer's own COMMIT.
      dropped.set(name, Math.max(0, at - committedAt));
      if (!write.drops.includes(name)) {
        wrong.push(`${mode}: ${name} was dropped, and nothing it depends on had changed`);
      } else if (at < committingAt) {
        wrong.push(`${mode}: ${name} was dropped before the commit`);
      }
    }
    for (const name of write.drops) {
      if (!dropped.has(name)) wrong.push(`${mode}: ${name} was not dropped`);
    }
    const kept = readings.filter((reading) => reading.isCached()).map((reading) => reading.name);
    return { mode, dropped, kept, wrong };
  });
}

async function readAll({ mode, readings }: Observer) {
  const reads: Read[] = [];
  const stale: string[] = [];
  for (const reading of readings) {
    const hitsBefore = reading.hits();
    const value = await reading.cached();
    const outcome = reading.hits() > hitsBefore ? 'hit' : 'miss';
    const truth = await reading.direct();
    reads.push({ name: reading.name, outcome, value });
    if (!isDeepStrictEqual(value, truth)) {
      const [said, says] = [JSON.stringify(value), JSON.stringify(truth)];
      stale.push(`${mode}: ${reading.name} is stale: the cache says ${said}, the database ${says}`);
    }
  }
  return { mode, reads, stale };
}
