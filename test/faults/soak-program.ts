import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('soak/run.js', import.meta.url));

/** Runs the soak to its end, or ends it after so long. What it has said begins with its seed. */
export function runSoak(
  args: readonly string[],
  limitMs: number,
): Promise<{ status: number | null; said: string }> {
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
      said += `\nIt did not end within ${limitMs} ms.`;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }, limitMs);
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(late);
      resolve({ status, said });
    });
  });
}
