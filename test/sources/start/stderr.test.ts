import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltCommand, buildCommand, type RunningProcess } from '../../support/built-command.js';
import { createDatabase } from '../../support/database.js';
import { NO_SERVER, prepare, startSilentServer } from './support.js';

/** What only a process of its own shows: what is on stderr, and whether it ends. */
let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
}, 120_000);
afterAll(() => command.remove());

async function run(name: string, program: string): Promise<RunningProcess> {
  const file = path.join(command.folder, `${name}.mjs`);
  await writeFile(
    file,
    `import { createSource } from './dist/index.js';
     const ms = (n) => new Promise((resolve) => setTimeout(resolve, n));
     ${program}`,
  );
  return command.shell(`exec '${process.execPath}' '${file}'`);
}

const WARNING = /\[(\w+)\] Warning: pgcachewatch: the source has not been live for 5 s.*/g;
const QUIET_LOGGER =
  'const quiet = () => {}; const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };';

test('a start() that waits says on stderr, once, for what, and what would help; with no secret in it', async () => {
  const silent = await startSilentServer();
  try {
    const running = await Promise.all([
      run(
        'no-server',
        `createSource({ connection: '${NO_SERVER}' }).start({ timeoutMs: 12_000 }).catch((e) => console.log(e.code));`,
      ),
      run(
        'silent',
        `createSource({ connection: '${silent.url}' }).start({ timeoutMs: 7_000 }).catch((e) => console.log(e.code));`,
      ),
      run(
        'in-background',
        `const source = createSource({ connection: '${NO_SERVER}' });
         await source.start({ wait: false }); await ms(7_000); await source.close(); console.log('CLOSED');`,
      ),
    ]);
    const ended = await Promise.all(running.map((each) => each.ended));
    const warnings = ended.map(({ err }) => [...err.matchAll(WARNING)]);
    expect(warnings.map((each) => each.map(([, code]) => code))).toEqual([
      ['CONNECTION'],
      ['SILENT'],
      ['CONNECTION'],
    ]);
    expect(warnings[0]?.[0]?.[0]).toMatch(/ECONNREFUSED.*check the address/);
    expect(warnings[1]?.[0]?.[0]).toMatch(/has not answered.*Check the address/);
    expect(ended.map(({ out }) => out.trim())).toEqual(['TIMEOUT', 'TIMEOUT', 'CLOSED']);
    expect(ended.map(({ err }) => err).join()).not.toContain('s3cret');
  } finally {
    await silent.close();
  }
}, 40_000);

test('with a logger, or a listener to errors, nothing is on stderr; nor where it has given up', async () => {
  const running = await Promise.all([
    run(
      'logger',
      `${QUIET_LOGGER}
       createSource({ connection: '${NO_SERVER}', logger }).start({ timeoutMs: 7_000 }).catch((e) => console.log(e.code));`,
    ),
    run(
      'listener',
      `const source = createSource({ connection: '${NO_SERVER}' });
       source.on('error', () => {});
       source.start({ timeoutMs: 7_000 }).catch((e) => console.log(e.code));`,
    ),
    run(
      'given-up',
      `await createSource({ connection: '${NO_SERVER}' }).start({ timeoutMs: 500 }).catch((e) => console.log(e.code));
       await ms(6_500);`,
    ),
  ]);
  const ended = await Promise.all(running.map((each) => each.ended));
  expect(ended.map(({ out, err, status }) => [out.trim(), err, status])).toEqual(
    Array(3).fill(['TIMEOUT', '', 0]),
  );
}, 40_000);

test('an interruption that lasts is said, too, each time anew; and what has ended keeps no process alive', async () => {
  const database = await createDatabase();
  await prepare(database, 'notify');
  try {
    const running = await run(
      'interrupted',
      `import { connect, createServer } from 'node:net';
       const url = new URL('${database.url}');
       const { hostname, port } = url;
       const sockets = new Set();
       const server = createServer((near) => {
         const far = connect(Number(port), hostname);
         for (const [from, to] of [[near, far], [far, near]]) {
           sockets.add(from);
           from.on('error', () => {}).on('close', () => to.destroy()).pipe(to);
         }
       });
       const listen = (at) => new Promise((resolve) => server.listen(at, '127.0.0.1', resolve));
       await listen(0);
       url.hostname = '127.0.0.1';
       url.port = server.address().port;
       const proxy = {
         url: url.href,
         back: () => listen(Number(url.port)),
         away: () => {
           for (const socket of sockets) socket.destroy();
           return new Promise((resolve) => server.close(resolve));
         },
       };
       const source = createSource({ connection: proxy.url, mode: 'notify' });
       await source.start();
       const live = () => new Promise((resolve) => source.on('state', (state) => state === 'live' && resolve()));
       for (let i = 0; i < 2; i++) {
         await proxy.away();
         await ms(6_000);
         const back = live();
         await proxy.back();
         await back;
       }
       await source.close();
       await proxy.away();
       console.log('CLOSED');`,
    );
    const { err, out, status } = await running.ended;
    expect([...err.matchAll(WARNING)].map(([, code]) => code)).toEqual(['CONNECTION', 'CONNECTION']);
    expect([out.trim(), status]).toEqual(['CLOSED', 0]);
  } finally {
    await database.drop();
  }
}, 60_000);
