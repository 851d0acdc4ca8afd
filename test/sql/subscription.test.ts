import { expect, test } from 'vitest';
import { createDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { saidTogether } from './heard.js';
import { setup } from './setup.js';

const s = setup();

const TABLES = `create table copied (id int primary key, n int); create table coarse (id int primary key, n int);
  create table parted (id int primary key, n int) partition by range (id);
  create table parted_1 partition of parted for values from (0) to (10)`;

test('what the worker of a subscription writes is told by triggers that fire always', async () => {
  const publisher = await createDatabase();
  const name = `sub_${s.db.name}`;
  try {
    await publisher.query(`${TABLES}; create publication p for all tables with (publish_via_partition_root = true);
      insert into copied values (1, 1)`);
    await publisher.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [name]);
    await s.client.query(TABLES);
    const url = new URL(publisher.url);
    const connection = `host=${url.hostname} port=${url.port} dbname=${url.pathname.slice(1)} user=${url.username} password=${decodeURIComponent(url.password)}`;
    await s.client.query(
      `create subscription ${name} connection '${connection}' publication p with (create_slot = false, slot_name = '${name}')`,
    );
    await until(async () => {
      const { rows } = await s.client.query("select from pg_subscription_rel where srsubstate <> 'r'");
      return rows.length === 0;
    }, 'the tables to be copied');
    await s.install(['copied', 'parted'], { always: true });
    // A trigger of statements would not do: level table takes one of rows here.
    await s.install('coarse', { always: true, level: 'table' });

    const heard: unknown[] = [];
    const hears = async (...expected: unknown[]) => {
      await until(async () => {
        heard.push(...saidTogether(await s.ear.heard()));
        return heard.length >= expected.length;
      }, `${expected.length} changes`);
      expect(heard.splice(0)).toEqual(expected);
    };
    await s.ear.texts();
    await publisher.query('insert into copied values (2, 2); update copied set n = 3 where id = 2');
    await hears(['insert', 'copied', [[['2']]]], ['update', 'copied', [[['2']]]]);
    await publisher.query('insert into parted values (3, 3)');
    await hears(['insert', 'parted', [[['3']]]]);
    await publisher.query('insert into coarse values (1, 1), (2, 2)');
    await hears(['insert', 'coarse']);
    await publisher.query('delete from parted_1; truncate copied');
    await hears(['delete', 'parted', [[['3']]]], ['truncate', 'copied']);
  } finally {
    await s.client.query(`drop subscription if exists ${name}`);
    await publisher.drop();
  }
});
