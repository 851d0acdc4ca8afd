import { expect, test } from 'vitest';
import { cli, start } from '../support/cli.js';

test('the help of the program tells the exit statuses and the connection, and gives examples', async () => {
  const { status, out, err } = await cli('--help');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  for (const told of ['Exit status: 0,', ' 1, failed', ' 2, a', 'NO_COLOR', 'PGPASSFILE', 'Examples:']) {
    expect(out.replace(/\s+/g, ' ')).toContain(told.trim());
  }
  for (const command of ['install', 'uninstall', 'status', 'listen', 'demo', 'completion']) {
    expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
});

test.each([
  'status',
  'listen',
  'demo',
  'completion',
])('the help of %s gives examples, and the options of all commands', async (command) => {
  const { status, out, err } = await cli(command, '--help');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^Examples:\n {2}/m);
  expect(out).toContain('--url <url>');
  expect(out).toContain('--debug');
});

test('the options are told within the width of a terminal', async () => {
  const wide = await start(['listen', '--help'], { outScreen: { columns: 200, rows: 50 } }).ended;
  const narrow = await start(['listen', '--help'], { outScreen: { columns: 75, rows: 50 } }).ended;
  const options = (out: string) => out.slice(out.indexOf('Options:'), out.indexOf('A change is')).split('\n');
  expect(options(narrow.out).length).toBeGreaterThan(options(wide.out).length);
  for (const line of options(narrow.out)) expect(line.length).toBeLessThanOrEqual(75);
});
