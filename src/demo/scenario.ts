import { setImmediate as nextTurn } from 'node:timers/promises';
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

export type ScenarioEvent =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'drop'; readonly name: string; readonly afterMs: number }
  | { readonly kind: 'kept'; readonly names: readonly string[] }
  | { readonly kind: 'reads'; readonly reads: readonly Read[] }
  | { readonly kind: 'problem'; readonly text: string };

export interface ScenarioOptions {
  readonly readings: readonly Reading[];
  readonly writes: readonly Write[];
  /** Runs a statement on a connection that the caches know nothing of. */
  readonly execute: (statement: string) => Promise<unknown>;
  /** Resolves when everything committed so far has been applied to the caches. */
  readonly caughtUp: () => Promise<void>;
  readonly report: (event: ScenarioEvent) => void;
  /** How long a drop may take. */
  readonly dropWithinMs?: number;
}

const DROP_WITHIN_MS = 2_000;

/**
 * Plays the writes, one by one, and checks after each that exactly the right results were dropped and that
 * what the caches now say is what the database says.
 *
 * @returns what was wrong: nothing, if the library works
 */
export async function runScenario(options: ScenarioOptions): Promise<string[]> {
  const { readings, writes, caughtUp } = options;
  const problems: string[] = [];
  const report = (event: ScenarioEvent): void => {
    if (event.kind === 'problem') problems.push(event.text);
    options.report(event);
  };

  await readAll(readings, report);
  await readAll(readings, report);
  for (const write of writes) {
    report({ kind: 'write', write });
    await play(write, options, report);
    await caughtUp();
    await readAll(readings, report);
  }
  return problems;
}

async function play(
  write: Write,
  options: ScenarioOptions,
  report: ScenarioOptions['report'],
): Promise<void> {
  const { readings, execute, caughtUp, dropWithinMs = DROP_WITHIN_MS } = options;
  const watch = watchDrops(readings);
  let committingAt = performance.now();
  for (const statement of write.statements) {
    committingAt = performance.now();
    await execute(statement);
  }
  const committedAt = performance.now();

  const deadline = committedAt + dropWithinMs;
  while (!write.drops.every((name) => watch.droppedAt.has(name)) && performance.now() < deadline) {
    await nextTurn();
  }
  // A drop that nobody waits for, a wrong one, has come by now as well.
  await caughtUp();
  watch.stop();

  for (const [name, at] of watch.droppedAt) {
    // The notification can overtake the answer to the writer's own COMMIT.
    report({ kind: 'drop', name, afterMs: Math.max(0, at - committedAt) });
    if (!write.drops.includes(name)) {
      report({ kind: 'problem', text: `${name} was dropped, and nothing it depends on had changed` });
    } else if (at < committingAt) {
      report({ kind: 'problem', text: `${name} was dropped before the commit` });
    }
  }
  for (const name of write.drops) {
    if (watch.droppedAt.has(name)) continue;
    report({ kind: 'problem', text: `${name} was not dropped within ${dropWithinMs} ms` });
  }
  const kept = readings.filter((reading) => reading.isCached()).map((reading) => reading.name);
  if (kept.length > 0) report({ kind: 'kept', names: kept });
}

async function readAll(readings: readonly Reading[], report: ScenarioOptions['report']): Promise<void> {
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
      stale.push(`${reading.name} is stale: the cache says ${said}, the database ${says}`);
    }
  }
  report({ kind: 'reads', reads });
  for (const text of stale) report({ kind: 'problem', text });
}
