import { DEFAULT_CHANNEL, type SourceOptions } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

export const ROWS = 1_000;

/** The ways of hearing, by the names that the tests have for them. */
export const kinds = ['notify', 'replication', 'durable', 'auto'] as const;
export type Kind = (typeof kinds)[number];

/** A database with a table `flooded` of so many rows, which every kind of source can watch. */
export interface Flooded {
  readonly database: TestDatabase;
  options(kind: Kind, more?: SourceOptions): SourceOptions;
  drop(): Promise<void>;
}

/**
 * `flood_rows(n, from)`: so many transactions of one updated row each; `flood_row_by_row(n)`: so many statements in one
 * transaction; `flood_notifications(n, size, kind)`: so many notifications, `size` a transaction; `watched` are such as
 * the triggers send, a real update in each transaction, `foreign` of a thousand tables of others, `garbage`.
 */
const FLOODS = `
  create table flooded (id int primary key, x int not null) with (fillfactor = 10);
  insert into flooded select g, 0 from generate_series(1, ${ROWS}) g;

  create procedure flood_rows(n int, first int) language plpgsql as $$
  begin
    for i in 1 .. n loop
      update flooded set x = x + 1 where id = 1 + (first + i % ${ROWS} * 7919) % ${ROWS};
      commit;
    end loop;
  end $$;

  create procedure flood_row_by_row(n int) language plpgsql as $$
  begin
    for i in 1 .. n loop
      update flooded set x = i where id = 1 + i % ${ROWS};
    end loop;
  end $$;

  create procedure flood_notifications(n int, size int, kind text) language plpgsql as $$
  begin
    for i in 0 .. n / size - 1 loop
      if kind = 'watched' then update flooded set x = x + 1 where id = 1 + i % ${ROWS}; end if;
      perform pg_notify('${DEFAULT_CHANNEL}', case kind
        when 'garbage' then '{"operation":"upd' || i || ' ' || g
        else json_build_object('operation', 'update', 'sent_at', clock_timestamp(), 'schema', 'public',
          'table', case kind when 'foreign' then 'theirs_' || (i * size + g) % 1000 else 'flooded' end,
          'xid', pg_current_xact_id()::text::bigint, 'key', '["id"]'::json,
          'rows', json_build_array(json_build_array(json_build_array((1 + (i * size + g) % ${ROWS})::text))))::text
        end)
      from generate_series(1, size) g;
      commit;
    end loop;
  end $$;`;

/** @param mode what is installed: triggers cost the writers of a flood, and replication needs none */
export async function createFlooded(mode: 'notify' | 'replication', serverUrl?: string): Promise<Flooded> {
  const database = await createDatabase(serverUrl);
  await database.query(FLOODS);
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: ['flooded'], mode }));
  return {
    database,
    options: (kind, more = {}) => ({
      connection: database.url,
      mode: kind === 'durable' ? 'replication' : kind,
      ...(kind === 'durable' ? { replication: { slot: { name: `slot_of_${database.name}` } } } : {}),
      ...more,
    }),
    drop: () => database.drop(),
  };
}

/** Runs it on a connection of its own, one that does not wait for the disk; resolves to how many seconds it took. */
export async function flood(database: TestDatabase, call: string): Promise<number> {
  const client = await database.client();
  try {
    await client.query('set synchronous_commit = off');
    const begun = performance.now();
    await client.query(`call ${call}`);
    return (performance.now() - begun) / 1000;
  } finally {
    await client.end();
  }
}
