import { expect, test } from 'vitest';
import { redactor } from '../../src/cli/redactor.js';

test.each([
  ['cannot use postgres://me:secret@host/db', 'cannot use postgres://me:***@host/db'],
  ['postgres://me:se@c:ret@host/db, then', 'postgres://me:***@host/db, then'],
  ['user=me password=secret dbname=x', 'user=me password=*** dbname=x'],
  ["password = 'se cret' x", 'password = *** x'],
  ['postgres://host/db?password=secret&user=me', 'postgres://host/db?password=***&user=me'],
  ['postgres://me@host/db and mail me@home', 'postgres://me@host/db and mail me@home'],
])('%s', (text, expected) => {
  expect(redactor([])(text)).toBe(expected);
});

test('a connection string that was given is known, whatever characters are in its password', () => {
  const url = 'postgres://me:se cr"e\nt@host/db';
  const hide = redactor(['--mode', undefined, `--url=${url}`, url]);
  expect(hide(`Invalid URL: ${url}!`)).toBe('Invalid URL: postgres://me:***@host/db!');
  expect(hide(`unknown option '--url=${url}'`)).toBe("unknown option '--url=postgres://me:***@host/db'");
});
