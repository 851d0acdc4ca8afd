import pg from 'pg';
import type { Fault, FaultWorld } from '../../fault.js';

const RELOAD = 'select pg_reload_conf()';

/** Settings that change beneath open connections. */
export const settingsFaults: readonly Fault[] = [
  changed('wal_sender_timeout', ['1s', '500ms', '0']),
  changed('idle_session_timeout', ['200ms', '1s']),
  changed('tcp_user_timeout', ['100ms']),
  changed('log_replication_commands', ['on']),
  {
    name: 'settings: the database lets nobody in',
    async inject(world) {
      const name = await databaseOf(world);
      await maintain(world, [
        `alter database ${name} with allow_connections false`,
        `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = '${name}' and application_name like 'pgcachewatch%'`,
      ]);
      return () => maintain(world, [`alter database ${name} with allow_connections true`]);
    },
  },
];

function changed(setting: string, values: readonly [string, ...string[]]): Fault {
  return {
    name: `settings: ${setting}`,
    async inject(world, random) {
      await maintain(world, [`alter system set ${setting} = '${random.pick(values)}'`, RELOAD]);
      return () => maintain(world, [`alter system reset ${setting}`, RELOAD]);
    },
  };
}

/** The database's own name; it is one of the rig's, and needs no quotes. */
async function databaseOf(world: FaultWorld): Promise<string> {
  const client = await world.admin();
  try {
    const { rows } = await client.query('select current_database() as name');
    return String(rows[0].name);
  } finally {
    await client.end();
  }
}

/** In the maintenance database, which lets people in whatever is done to the other. */
async function maintain(world: FaultWorld, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: world.server.url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
