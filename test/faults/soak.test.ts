import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';

// A short run, so that it is known to run at all. `npm run soak -- --minutes 10` is the long one.
const program = fileURLToPath(new URL('soak/run.js', import.meta.url));

it.skipIf(inject('serverPackage') === null)(
  'no promise is broken while servers, networks and processes fail at random',
  { timeout: 120_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const { status, said } = await run(['--minutes', '0.2', '--round', '2', '--seed', String(seed)]);
    expect(status, said).toBe(0);
    expect(said).toMatch(/stale reads beyond a bound \| 0 \|/);
    expect(said).not.toMatch(/\| faults survived \| 0 \|/);
    expect(said).not.toMatch(/\| values checked \| 0 \|/);
  },
);

function run(args: readonly string[]): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, said }));
  });
}
