import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import { DURABLE_SLOT } from './modes.js';
import { ALL_TABLES, SCHEMA } from './tables.js';

const DATABASE = 'soak';

/** A server to be hurt, and a database in it that is installed for every mode. */
export interface Ground {
  readonly server: EmbeddedServer;
  readonly url: string;
  /** What sources have left on the server: connections, and slots that no process holds any more. */
  leftovers(): Promise<string[]>;
  /** The durable slot outlives its source, which is its purpose. */
  dropDurableSlot(): Promise<void>;
}

export async function makeGround(): Promise<Ground> {
  const server = await startEmbeddedServer();
  await onServer(server.url, `create database ${DATABASE}`);
  const address = new URL(server.url);
  address.pathname = `/${DATABASE}`;
  const url = address.href;
  const client = await connected(url);
  try {
    await client.query(SCHEMA);
    const others = ALL_TABLES.filter((table) => table !== 'orders');
    for (const [tables, level] of [
      [others, 'key'],
      [['orders'], 'row'],
    ] as const) {
      await commitPlan(client, await planInstall(client, { tables, mode: 'both', level }));
    }
  } finally {
    await client.end();
  }
  return {
    server,
    url,
    leftovers: () => leftovers(url),
    dropDurableSlot: () =>
      onServer(
        url,
        `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${DURABLE_SLOT}'`,
      ),
  };
}

async function leftovers(url: string): Promise<string[]> {
  const client = await connected(url);
  try {
    const { rows } = await client.query(
      `select 'connection ' || application_name || ' (' || backend_type || ')' as left
         from pg_stat_activity where application_name like 'pgcachewatch%'
       union all
       select 'slot ' || slot_name from pg_replication_slots where slot_name <> $1`,
      [DURABLE_SLOT],
    );
    return rows.map((row) => String(row.left));
  } finally {
    await client.end();
  }
}

async function onServer(url: string, text: string): Promise<void> {
  const client = await connected(url);
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'soak-admin' });
  client.on('error', () => {});
  await client.connect();
  return client;
}
