import { afterEach, expect, it, vi } from 'vitest';
import { demoCommand } from '../../src/cli/demo.js';

vi.mock('../../src/demo/demo.js', () => ({ runDemo: () => Promise.resolve(false) }));

const exitCode = process.exitCode;

afterEach(() => {
  process.exitCode = exitCode;
});

it('the demo command has exit status 1 where something was not as it should be', async () => {
  await demoCommand().parseAsync([], { from: 'user' });
  expect(process.exitCode).toBe(1);
});
