import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';

// A short run, so that it is known to run at all. `npm run soak -- --minutes 10` is the long one.
const program = fileURLToPath(new URL('soak/run.js', import.meta.url));

it.skipIf(inject('serverPackage') === null)(
  'no promise is broken while servers, networks and processes fail at random',
  { timeout: 180_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const { status, said } = await run(['--minutes', '0.2', '--round', '2', '--seed', String(seed)]);
    expect(status, said).toBe(0);
    expect(said).toMatch(/stale reads beyond a bound \| 0 \|/);
    expect(said).not.toMatch(/\| faults survived \| 0 \|/);
    expect(said).not.toMatch(/\| values checked \| 0 \|/);
  },
);

const LIMIT_MS = 150_000;

/** Runs it to its end, or ends it. What it has said begins with its seed. */
function run(args: readonly string[]): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    // With a process group of its own, so that all of it can be ended.
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const late = setTimeout(() => {
      said += `\nIt did not end within ${LIMIT_MS} ms.`;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }, LIMIT_MS);
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(late);
      resolve({ status, said });
    });
  });
}
