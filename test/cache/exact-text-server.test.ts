import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactText } from '../../src/cache/exact-text.js';
import type { ExactType } from '../../src/sources/watched-tables.js';
import { sql } from '../../src/sql.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`create type mood as enum ('glad', 'sad', 'Glad')`);
});
afterAll(() => database.drop());

/** What the server makes of a value as pg sends it; `null`: it refuses it. */
const onServer = async (type: string, value: unknown): Promise<string | null> =>
  database.query(`select concat($1::${type}) as text`, [value]).then(
    ({ rows }) => rows[0].text,
    () => null,
  );

const space = fc.stringMatching(/^[ \t\n\v\f\r]{0,2}$/);
const around = (word: fc.Arbitrary<string>) => fc.tuple(space, word, space).map((parts) => parts.join(''));
const edges = [
  0n,
  1n,
  7n,
  8n,
  10n,
  32767n,
  32768n,
  65536n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n,
];
const bigints = fc
  .tuple(fc.constantFrom(...edges), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
  .map(([edge, off, negative]) => (negative ? -(edge + off) : edge + off));
const spelled = fc
  .tuple(fc.constantFrom('', '', '+', '-'), fc.stringMatching(/^0{0,2}$/), bigints)
  .map(([sign, zeros, number]) => `${sign}${zeros}${number}`);
const numbers = fc.oneof(
  bigints,
  bigints.map(Number),
  fc.constantFrom(-0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21),
  around(spelled),
  fc.constantFrom('', ' ', '0x1f', '0o17', '0b1', '1_000', '1e3', '1.0', '--1', '+-1', '- 1', '０', '²'),
);
const words = ['true', 'false', 'yes', 'no', 'on', 'off', '1', '0', 'null', 'ſ'];
const booleans = fc.oneof(
  fc.boolean(),
  fc.constantFrom(0, 1, 2, 0n, 1n, -0),
  around(
    fc
      .tuple(fc.constantFrom(...words), fc.integer({ min: 0, max: 6 }), fc.boolean())
      .map(([word, length, upper]) => (upper ? word.toUpperCase() : word).slice(0, length)),
  ),
);
const uuids = fc
  .tuple(
    fc.uuid(),
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
    fc.constantFrom('', '', '{', ' '),
    fc.boolean(),
  )
  .map(([uuid, hyphens, opening, upper]) => {
    const groups = uuid.replaceAll('-', '').match(/.{4}/g) ?? [];
    const text = groups.map((group, i) => group + (hyphens.includes(i) ? '-' : '')).join('');
    return opening + (upper ? text.toUpperCase() : text) + (opening === '{' ? '}' : opening);
  });
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('glad', 'Glad', 'sad', 'glad ', 'a ', '\ud800'),
  fc.double(),
  fc.bigInt(),
);

const kinds: readonly (readonly [type: string, exact: ExactType, values: fc.Arbitrary<unknown>])[] = [
  ['int2', 'integer', numbers],
  ['int4', 'integer', numbers],
  ['int8', 'integer', numbers],
  ['oid', 'oid', numbers],
  ['bool', 'boolean', booleans],
  ['uuid', 'uuid', fc.oneof(uuids, fc.uuid())],
  ['text', 'text', texts],
  ['varchar', 'text', texts],
  ['mood', 'text', texts],
];

test.each(
  kinds,
)('a value that is given for a %s is matched by the text that the server stores', async (type, exact, values) => {
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const text = exactText(exact, value);
      if (text === null) return;
      const stored = await onServer(type, value);
      if (stored === null) return;
      matched++;
      expect(text).toBe(stored);
    }),
    { numRuns: 400 },
  );
  expect(matched).toBeGreaterThan(20);
});

test.each(['bool', 'uuid'])('no spelling of a %s that the server accepts is in doubt', async (type) => {
  const values = type === 'bool' ? booleans : fc.oneof(uuids, fc.uuid());
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      const stored = await onServer(type, value);
      expect(exactText(type === 'bool' ? 'boolean' : 'uuid', value)).toBe(stored);
    }),
    { numRuns: 300 },
  );
});

/** Per type, spellings of values of which some are equal. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  int2: ['1', '+1', '01', '-0', '0'],
  int4: ['1', '+1', '01', '-0', '0'],
  int8: ['1', '+1', '01', '-0', '0'],
  oid: ['1', '-1', '4294967295'],
  bool: ['t', 'true', 'yes', '1', 'off', 'f'],
  uuid: ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{a0eebc999c0b4ef8bb6d6bb9bd380a11}'],
  mood: ['glad', 'Glad', 'sad'],
  text: ['a', 'a ', 'A', ' a', 'é', 'e\u0301'],
  varchar: ['a', 'a ', 'A', ' a', 'é', 'e\u0301'],
  'varchar(9)': ['a', 'a ', 'A'],
  name: ['a', 'a ', 'A'],
  'char(3)': ['a', 'a ', 'a  '],
  bpchar: ['a', 'a ', 'a  '],
  '"char"': ['a', 'b', 'ab'],
  numeric: ['1', '1.0', '1.00', 'NaN', '1e0', '-0'],
  float4: ['0', '-0', 'NaN', '1', '1.0'],
  float8: ['0', '-0', 'NaN', '1', '1.0'],
  money: ['1', '1.00', '$1'],
  date: ['2026-01-01', '1 Jan 2026'],
  timestamp: ['2026-01-01', '2026-01-01 00:00:00.000'],
  timestamptz: ['2026-01-01 00:00+00', '2026-01-01 01:00+01'],
  timetz: ['00:00+00', '01:00+01'],
  interval: ['1 day', '24 hours', '1 mon', '30 days'],
  bit: ['0', '1'],
  varbit: ['0', '00'],
  bytea: ['\\x61', 'a'],
  inet: ['10.0.0.1', '10.0.0.1/32'],
  jsonb: ['1', '1.0', '{"a":1, "b":2}', '{"b":2,"a":1.00}'],
  'int[]': ['{1}', '[1:1]={1}', '{01}'],
  'numeric[]': ['{1.0}', '{1.00}'],
  int4range: ['[1,2]', '[1,3)', 'empty'],
  regclass: ['pg_class', 'pg_catalog.pg_class'],
  xid: ['1', '01'],
};

describe('the types that count as exact', () => {
  const described = async (table: string): Promise<ReadonlyMap<string, string | null>> => {
    const { rows: oids } = await database.query('select $1::regclass::oid::int8::text as oid', [table]);
    const { rows } = await database.query(sql('describe-tables.sql'), [[oids[0].oid], ['public']]);
    return new Map(
      rows[0].columns.map(({ name, exactType }: { name: string; exactType: string | null }) => [
        name,
        exactType,
      ]),
    );
  };

  test('have one text for equal values, each of them, and those that have several do not count', async () => {
    const columns = Object.keys(SPELLINGS).map((type, i) => `c${i} ${type}, d${i} domain_${i}`);
    const domains = Object.keys(SPELLINGS).map(
      (type, i) => `create domain inner_${i} as ${type}; create domain domain_${i} as inner_${i};`,
    );
    await database.query(`${domains.join(' ')} create table every_type (${columns.join(', ')})`);
    const exact = await described('every_type');
    const several = new Set<string>();
    for (const [i, [type, spellings]] of Object.entries(SPELLINGS).entries()) {
      for (const [a, b] of spellings.flatMap((one) => spellings.map((other) => [one, other]))) {
        const { rows } = await database.query(
          `select $1::${type} = $2::${type} as equal, ($1::${type})::text = ($2::${type})::text collate "C" as same`,
          [a, b],
        );
        if (rows[0].equal && !rows[0].same) several.add(type);
      }
      if (several.has(type))
        expect([type, exact.get(`c${i}`), exact.get(`d${i}`)]).toEqual([type, null, null]);
      // A domain is as exact as the type beneath it, however many domains are between.
      expect([type, exact.get(`d${i}`)]).toEqual([type, exact.get(`c${i}`)]);
    }
    expect([...several]).toEqual(
      expect.arrayContaining(['numeric', 'float8', 'interval', 'jsonb', 'numeric[]']),
    );
    const exactTypes = Object.keys(SPELLINGS).filter((_, i) => exact.get(`c${i}`) !== null);
    expect(exactTypes.sort()).toEqual(
      ['bool', 'int2', 'int4', 'int8', 'mood', 'oid', 'text', 'uuid', 'varchar', 'varchar(9)'].sort(),
    );
  });

  test('are none under a nondeterministic collation, of the column or of a domain at any depth', async ({
    skip,
  }) => {
    const made = await database
      .query(`create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`)
      .catch(() => null);
    if (made === null) return skip('the server is built without ICU');
    await database.query(`
      create domain folded as text collate ci; create domain folded_again as folded;
      create domain plain as text; create domain unfolded as folded;
      create table collated (a text, b text collate ci, c folded, d folded_again, e plain collate ci, f folded_again collate "C")`);
    expect(Object.fromEntries(await described('collated'))).toEqual({
      a: 'text',
      b: null,
      c: null,
      d: null,
      e: null,
      f: 'text',
    });
  });
});
