import { expect, test } from 'vitest';
import { createSource } from '../../src/index.js';
import { setup } from './replication-setup.js';

const it = setup();

test.each([
  'notify',
  'replication',
] as const)('a temporary child in another session is no part of the table, which stays watched by its key: %s', async (mode) => {
  await it.db.query('create table if not exists mother (id int primary key)');
  await it.install(['mother'], { mode });
  const other = await it.db.client();
  await other.query('create temp table child () inherits (mother)');
  expect((await it.plan(['mother'], { mode })).statements).toEqual([]);
  const source = createSource({ mode, connection: it.db.url, tables: ['mother'] });
  await source.start();
  try {
    const changes = source[Symbol.asyncIterator]();
    await it.db.query('insert into mother values ($1)', [mode === 'notify' ? 1 : 2]);
    expect((await changes.next()).value).toMatchObject({
      table: 'mother',
      key: { id: mode === 'notify' ? 1 : 2 },
    });
  } finally {
    await source.close();
    await other.end();
  }
});
