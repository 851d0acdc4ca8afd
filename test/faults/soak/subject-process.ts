import pg from 'pg';
import { type ChangeSource, createSource } from '../../../src/index.js';
import { now } from './clock.js';
import type { Query } from './loads.js';
import type { Measures, Order, Reply, Request } from './messages.js';
import { isMode, sourceOptions } from './modes.js';
import { Reader } from './reader.js';
import { Recorder } from './recorder.js';
import { watchStandingStill } from './standing-still.js';
import { stepClock } from './step-clock.js';

/** How often what was recorded is handed over. */
const HAND_OVER_MS = 100;

// The process under test: a source, its caches and their readers. It does what its parent says, and goes by itself
// when that says that it is the end: whatever keeps it was left behind by the source or a cache.
const [mode = '', sourceUrl = '', databaseUrl = '', seedText = '0'] = process.argv.slice(2);
if (!isMode(mode)) throw new Error(`There is no mode ${mode}`);

const recorder = new Recorder();
const stopWatching = watchStandingStill((from, at) => recorder.add({ is: 'stood-still', at, from }));
const handOver = setInterval(sendEvents, HAND_OVER_MS);
/** Loads do not go by way of the proxy: what is served from memory while the source is lost is what counts. */
const pool = new pg.Pool({ connectionString: databaseUrl, max: 6, application_name: 'soak-reader' });
pool.on('error', () => {});
const query: Query = (text, values) => pool.query(text, values);
let current: { source: ChangeSource; reader: Reader } | undefined;
let failedReads = 0;

process.on('message', (request: Request) => {
  void carryOut(request).then(
    (result) => send({ id: request.id, result }),
    (error: unknown) => send({ id: request.id, error: String(error) }),
  );
});

let isEnding = false;
process.once('disconnect', () => isEnding || process.exit(1));

async function carryOut(order: Order): Promise<Measures | null> {
  switch (order.do) {
    case 'open':
      await open(order.round);
      break;
    case 'read':
      current?.reader.start();
      break;
    case 'rest':
      await current?.reader.rest();
      break;
    case 'close':
      await close();
      break;
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
      break;
    case 'step-clock':
      stepClock(order.ms);
      break;
    case 'measure':
      return measure();
    case 'end':
      await end();
  }
  sendEvents();
  return null;
}

async function open(round: number): Promise<void> {
  if (!isMode(mode)) return;
  const source = createSource(sourceOptions(mode, sourceUrl));
  recorder.add({ is: 'opened', at: now() });
  const reader = new Reader(source, query, recorder, Number(seedText) + round);
  current = { source, reader };
  await source.start();
}

async function close(): Promise<void> {
  if (current === undefined) return;
  const { source, reader } = current;
  current = undefined;
  await reader.stop();
  failedReads += reader.failed;
  await source.close();
  recorder.add({ is: 'closed', at: now() });
  reader.close();
}

function measure(): Measures {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    residentBytes: rss,
    failedReads: failedReads + (current?.reader.failed ?? 0),
  };
}

async function end(): Promise<void> {
  isEnding = true;
  await close();
  await pool.end();
  clearInterval(handOver);
  stopWatching();
  setImmediate(() => process.disconnect());
}

function sendEvents(): void {
  const events = recorder.take();
  if (events.length > 0) send({ events });
}

function send(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}
