import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseTableName } from '../../src/sources/table-name.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(() => database?.drop());

const long = (letter: string, count: number) => letter.repeat(count);

test.each([
  'orders',
  'Orders',
  '"Orders"',
  'Sales . "Odd ""Name"""',
  'ÄÖÜ_Größe',
  '"__proto__".constructor',
  ...[20, 21, 22, 62, 63, 64, 100].map((count) => long('a', count)),
  ...[20, 21, 22, 30, 31, 32, 33].map((count) => `"${long('ä', count)}"`),
  ...[20, 21, 22, 23].map((count) => `"${long('€', count)}"."x${long('€', count)}"`),
  ...[14, 15, 16, 17].map((count) => `"${long('🐘', count)}"."xx${long('🐘', count)}"`),
])('the name %s is read as the server reads it', async (name) => {
  // parse_ident does not cut what is too long; the type name does.
  const { rows } = await database.query('select pg_catalog.parse_ident($1)::name[]::text[] as parts', [name]);
  const { schema, table } = parseTableName(name);
  expect(schema === null ? [table] : [schema, table]).toEqual(rows[0].parts);
});
