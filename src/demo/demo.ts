import type { Client } from 'pg';
import { commitPlan, type InstallMode, planInstall } from '../install/index.js';
import { runBurst } from './burst.js';
import { startEmbeddedServer } from './embedded-server.js';
import { openClient } from './open-client.js';
import { runScenario } from './scenario.js';
import { shopSchema, shopTables, shopWrites } from './shop.js';
import { type DemoSource, openShopObserver } from './shop-observer.js';
import { Timeline } from './timeline.js';

export interface DemoOptions {
  /** Which of the sources to show. Default: both, side by side. */
  readonly mode?: InstallMode | undefined;
  /** Takes the output line by line. Default: standard output. */
  readonly print?: ((line: string) => void) | undefined;
}

const BURST = 200;

const MEANS: Readonly<Record<InstallMode, string>> = {
  notify: 'triggers that NOTIFY',
  replication: 'a publication',
  both: 'triggers that NOTIFY, and a publication',
};

/**
 * Shows the whole path at work on a Postgres of its own, and checks what it shows.
 *
 * @returns whether everything was as it should be
 * @throws PgCacheWatchError `EMBEDDED_SERVER` where there is no server to show it on
 */
export async function runDemo({
  mode = 'both',
  print = toStandardOutput,
}: DemoOptions = {}): Promise<boolean> {
  const startedAt = performance.now();
  const timeline = new Timeline(print);
  let problems: readonly string[];

  timeline.title('A Postgres of our own');
  const server = await startEmbeddedServer();
  try {
    timeline.line('started', `Postgres ${server.version} on port ${server.port}, for the time of the demo`);
    problems = await show(mode, server.url, timeline);
  } finally {
    await server.stop();
  }
  timeline.verdict(problems, (performance.now() - startedAt) / 1000);
  return problems.length === 0;
}

async function show(mode: InstallMode, url: string, timeline: Timeline): Promise<string[]> {
  const problems: string[] = [];
  const wrong = (text: string): void => {
    problems.push(text);
    timeline.event({ kind: 'problem', text });
  };
  const writer = await openClient(url, 'pgcachewatch demo, writer');
  const observers: DemoSource[] = [];
  try {
    await writer.query(shopSchema);
    await commitPlan(writer, await planInstall(writer, { tables: shopTables, mode }));
    timeline.line('installed', `${MEANS[mode]}, on ${shopTables.join(', ')}`);
    for (const each of mode === 'both' ? (['notify', 'replication'] as const) : [mode]) {
      observers.push(await openShopObserver(each, url, wrong));
    }
    const sources = observers.map((observer) => observer.mode).join(', and one by ');
    timeline.line('watching', `a source by ${sources}, each with caches of its own`);
    timeline.line('writing', 'by another connection, which knows nothing of them');
    problems.push(...(await play(observers, writer, timeline)));
    return problems;
  } finally {
    await Promise.allSettled([...observers.map((observer) => observer.close()), writer.end()]);
  }
}

/** @returns what was wrong, apart from what the sources themselves have reported */
async function play(observers: readonly DemoSource[], writer: Client, timeline: Timeline): Promise<string[]> {
  timeline.title('Seven results are read, twice');
  const problems = await runScenario({
    observers,
    writes: shopWrites,
    execute: (statement) => writer.query(statement),
    report: timeline.event,
  });

  timeline.title(`${BURST} writes in a row, each read back through the caches at once`);
  const burst = await runBurst({
    observers,
    name: 'order(1)',
    times: BURST,
    write: (round) => writer.query('UPDATE orders SET status = $1 WHERE id = 1', [`step ${round}`]),
  });
  timeline.burst(burst);
  for (const { mode, stale, dropMs } of burst) {
    const found: string[] = [];
    if (stale > 0) found.push(`${mode}: ${stale} of ${BURST} reads after a write were stale`);
    if (dropMs.length < BURST)
      found.push(`${mode}: ${BURST - dropMs.length} of ${BURST} writes dropped nothing`);
    for (const text of found) timeline.event({ kind: 'problem', text });
    problems.push(...found);
  }
  return problems;
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}
