import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { listen, said } from './heard.js';

test('in a database where an I is no i in lower case, an INSERT is told as an insert', async ({ skip }) => {
  const server = new Client({ connectionString: inject('serverUrl') });
  await server.connect();
  const name = `test_${randomBytes(8).toString('hex')}`;
  try {
    await server.query(
      `create database ${name} template template0 encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr'`,
    );
  } catch {
    await server.end();
    return skip('the server has no ICU, or none for databases (PostgreSQL 15)');
  }
  const url = new URL(inject('serverUrl'));
  url.pathname = name;
  const [client, ear] = [1, 2].map(() => new Client({ connectionString: url.href }));
  if (!client || !ear) throw new Error('no clients');
  try {
    await Promise.all([client.connect(), ear.connect()]);
    expect((await client.query("select lower('INSERT') as text")).rows).toEqual([{ text: 'ınsert' }]);
    const told = await listen(ear);
    await client.query('create table t (id int primary key); create table u (a int, id int primary key)');
    await commitPlan(client, await planInstall(client, { tables: ['t', 'u'], mode: 'notify' }));
    await client.query('insert into t values (1)');
    await client.query('insert into u values (2, 2)');
    expect((await told.heard()).map(said)).toEqual([
      ['insert', 't', [[['1']]]],
      ['insert', 'u', [[['2']]]],
    ]);
  } finally {
    await Promise.all([client.end(), ear.end()]);
    await server.query(`drop database ${name} with (force)`);
    await server.end();
  }
});
