// Writers of their own process, at a steady pace: rows below 0, which nobody measures.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const [url = '', table = '', perSecond = '0'] = process.argv.slice(2);
const WRITERS = 4;
const ROWS = 1_000;

let written = 0;
process.on('message', () => process.send?.(written));
process.on('disconnect', () => process.exit());

async function writer(number: number): Promise<never> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const everyMs = (WRITERS * 1_000) / Number(perSecond);
  let due = performance.now();
  for (let i = number; ; i += WRITERS) {
    await client.query(`update ${pg.escapeIdentifier(table)} set n = n + 1 where id = $1`, [-1 - (i % ROWS)]);
    written++;
    due += everyMs;
    await delay(Math.max(0, due - performance.now()));
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
