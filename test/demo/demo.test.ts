import { afterEach, expect, it, vi } from 'vitest';
import { demoCommand } from '../../src/cli/demo.js';
import { runDemo } from '../../src/demo/demo.js';
import { shopWrites } from '../../src/demo/shop.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it('the demo command shows every write in both modes and finds everything as it should be', async () => {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  const exitCode = process.exitCode;
  const startedAt = performance.now();
  await demoCommand().parseAsync([], { from: 'user' });
  vi.restoreAllMocks();

  expect(text).not.toContain('WRONG');
  expect(text).toContain('All as it should be');
  expect(process.exitCode).toBe(exitCode);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  for (const { title, statements, drops } of shopWrites) {
    expect(text).toContain(title);
    for (const statement of statements) expect(text).toContain(statement);
    for (const name of drops) {
      const line = `${name.replace(/[()]/g, '\\$&')}.* after commit: notify .*ms, replication .*ms`;
      expect(text).toMatch(new RegExp(line));
    }
  }
});

it.each(['notify', 'replication'] as const)('the demo of mode %s shows that one alone', async (mode) => {
  const lines: string[] = [];
  expect(await runDemo({ mode, print: (line) => lines.push(line) })).toBe(true);
  const text = lines.join('\n');
  expect(text).toMatch(new RegExp(`after commit: ${mode} +[0-9.]+ ms$`, 'm'));
  expect(text).not.toMatch(mode === 'notify' ? /replication/ : /notify/i);
});
