import { afterEach, expect, test } from 'vitest';
import { sql } from '../../src/sql.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
afterEach(() => database.drop());

interface PlanNode {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How many rows a plan has handled, whatever became of them: what it costs, without a clock. */
function rowsHandled(node: PlanNode): number {
  const rows =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0);
  return rows * node['Actual Loops'] + (node.Plans ?? []).reduce((sum, each) => sum + rowsHandled(each), 0);
}

async function costOf(file: string, values: readonly unknown[]): Promise<number> {
  const explain = 'explain (analyze, timing off, format json)';
  const { rows } = await database.query(`${explain} ${sql(file)}`, [...values]);
  return rowsHandled(rows[0]['QUERY PLAN'][0].Plan);
}

const SHAPES: Readonly<Record<string, (from: number, to: number) => string>> = {
  'tables that a publication names': (from, to) => `
    do $$ begin for i in ${from} .. ${to - 1} loop
      execute format('create table t_%s (id int primary key, x int, y text)', i);
      execute format('alter publication pgcachewatch add table t_%s', i);
    end loop; end $$`,
  'partitions of one table': (from, to) => `
    do $$ begin for i in ${from} .. ${to - 1} loop
      execute format('create table t_%s partition of t for values from (%s) to (%s)', i, i, i + 1);
    end loop; end $$`,
};

test.each(Object.entries(SHAPES))(
  'reading the catalog costs in proportion to the number of %s',
  { timeout: 120_000 },
  async (_, make) => {
    database = await createDatabase();
    await database.query(`create table t (id int primary key, x int) partition by range (id);
      create publication pgcachewatch for table t`);
    const costs = async (count: number) => {
      const names = Array.from({ length: count }, (_, i) => `public.t_${i}`);
      const { rows } = await database.query(
        `select oid::int8::text from pg_class where relname ~ '^t_\\d+$'`,
      );
      const oids = rows.map(({ oid }) => oid);
      return [
        [
          'replication/published-tables.sql',
          await costOf('replication/published-tables.sql', ['pgcachewatch']),
        ],
        ['describe-tables.sql', await costOf('describe-tables.sql', [oids, ['public']])],
        [
          'find-tables.sql',
          await costOf('find-tables.sql', [
            names,
            names.map(() => 'public'),
            names.map((name) => name.replace('public.', '')),
            ['public'],
          ]),
        ],
        ['lost-tables.sql', await costOf('lost-tables.sql', [oids, names, oids.slice(1)])],
        ['watching/definitions-since.sql', await costOf('watching/definitions-since.sql', [oids])],
        ['watching/open-writers.sql', await costOf('watching/open-writers.sql', [oids])],
        [
          'replication/published-since.sql',
          await costOf('replication/published-since.sql', [oids, 'pgcachewatch']),
        ],
        ['notify/triggers-since.sql', await costOf('notify/triggers-since.sql', [oids, 'a channel'])],
      ] as const;
    };
    await database.query(make(0, 150));
    const few = await costs(150);
    await database.query(make(150, 600));
    const many = await costs(600);
    for (const [i, [file, cost]] of many.entries()) {
      expect(cost / (few[i]?.[1] ?? 0), file).toBeLessThan(8);
    }
  },
);
