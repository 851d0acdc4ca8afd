import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WrongResult } from '../harness/verify.js';

export interface Load {
  /** Ends it, and tells how many rows it has changed in each second. */
  stop(): Promise<number>;
}

/** Has another process change rows of the table. It ends with this one. */
export async function startLoad(url: string, table: string, perSecond: number): Promise<Load> {
  const child = fork(fileURLToPath(new URL('load.js', import.meta.url)), [url, table, String(perSecond)]);
  const gone = ended(child);
  gone.catch(() => {});
  const written = async (): Promise<number> => {
    child.send('how many?');
    const [count]: unknown[] = await Promise.race([once(child, 'message'), gone]);
    return Number(count);
  };
  while ((await written()) === 0);
  const [before, start] = [await written(), performance.now()];
  return {
    async stop() {
      const rate = ((await written()) - before) / ((performance.now() - start) / 1_000);
      child.kill();
      return rate;
    },
  };
}

async function ended(child: ReturnType<typeof fork>): Promise<never> {
  await once(child, 'exit');
  throw new WrongResult('The process that writes beside the measured changes has ended');
}
