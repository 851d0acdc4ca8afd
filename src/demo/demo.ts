import { type Client, escapeIdentifier } from 'pg';
import { commitPlan, planInstall } from '../install/index.js';
import { connect } from '../sources/connection.js';
import { createSource } from '../sources/create-source.js';
import { runBurst } from './burst.js';
import { startEmbeddedServer } from './embedded-server.js';
import { runScenario } from './scenario.js';
import { shopSchema, shopTables, shopWrites } from './shop.js';
import { shopReadings } from './shop-readings.js';
import { Timeline } from './timeline.js';

export interface DemoOptions {
  /** Takes the output line by line. Default: standard output. */
  readonly print?: ((line: string) => void) | undefined;
}

/** What is shown, one after the other. */
const MODES = ['notify'] as const;
type Mode = (typeof MODES)[number];

const BURST = 200;

/**
 * Shows the whole path at work on a Postgres of its own, and checks what it shows.
 *
 * @returns whether everything was as it should be
 * @throws PgCacheWatchError `EMBEDDED_SERVER` where there is no server to show it on
 */
export async function runDemo({ print = toStandardOutput }: DemoOptions = {}): Promise<boolean> {
  const startedAt = performance.now();
  const timeline = new Timeline(print);
  const problems: string[] = [];

  timeline.title('A Postgres of our own');
  const server = await startEmbeddedServer();
  try {
    timeline.line('started', `Postgres ${server.version} on port ${server.port}, for the time of the demo`);
    for (const mode of MODES) problems.push(...(await showMode(mode, server.url, timeline)));
  } finally {
    await server.stop();
  }
  timeline.verdict(problems, (performance.now() - startedAt) / 1000);
  return problems.length === 0;
}

/** The scenario on one mode, in a database of its own. */
async function showMode(mode: Mode, serverUrl: string, timeline: Timeline): Promise<string[]> {
  const url = await createShopDatabase(serverUrl, `shop_${mode}`);
  const source = createSource({ mode, connection: url });
  const problems: string[] = [];
  const wrong = (text: string): void => {
    problems.push(text);
    timeline.event({ kind: 'problem', text });
  };
  source.on('error', (error) => wrong(`the source reports: ${error.message}`));
  const clients: Client[] = [];
  const open = async (who: string): Promise<Client> => {
    const client = await connect(url, `pgcachewatch demo, ${who}`);
    clients.push(client);
    return client;
  };

  try {
    const [app, checker, writer] = [await open('app'), await open('checker'), await open('writer')];
    await writer.query(shopSchema);
    await commitPlan(writer, await planInstall(writer, { tables: shopTables, mode }));
    timeline.line('installed', `triggers on ${shopTables.join(', ')}`);
    await source.start();
    timeline.line(
      'watching',
      `in mode ${source.mode}; everything written below is written by another connection`,
    );

    const readings = shopReadings(source, app, checker);
    const caughtUp = () => source.caughtUp();
    timeline.title('Seven results are read, twice');
    const found = await runScenario({
      readings,
      writes: shopWrites,
      execute: (statement) => writer.query(statement),
      caughtUp,
      report: timeline.event,
    });

    problems.push(...found);

    timeline.title(`${BURST} writes in a row, each read back through the cache at once`);
    const reading = readings.find(({ name }) => name === 'order(1)') ?? readings[0];
    if (reading === undefined) return problems;
    const write = (round: number) =>
      writer.query('UPDATE orders SET status = $1 WHERE id = 1', [`step ${round}`]);
    const burst = await runBurst({ reading, times: BURST, write, caughtUp });
    timeline.burst(burst);
    if (burst.stale > 0) wrong(`${burst.stale} of ${BURST} reads after a write were stale`);
    return problems;
  } finally {
    await source.close();
    await Promise.allSettled(clients.map((client) => client.end()));
  }
}

async function createShopDatabase(serverUrl: string, name: string): Promise<string> {
  const client = await connect(serverUrl, 'pgcachewatch demo');
  try {
    await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}
