import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.js';
import type { FaultyProxy } from './faulty-proxy.js';
import { startFaultyProxy } from './start-faulty-proxy.js';

/** Sends back what it gets, in capitals. */
const echo = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => socket.write(data.toString().toUpperCase()));
});

let proxy: FaultyProxy;

beforeEach(async () => {
  if (!echo.listening) await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultyProxy(`postgres://127.0.0.1:${(echo.address() as AddressInfo).port}/`);
});

afterEach(() => proxy.close());

interface Peer {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly hasEnded: () => boolean;
}

async function dial(): Promise<Peer> {
  const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  let heard = '';
  let ended = false;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    heard += data.toString();
  });
  socket.on('close', () => {
    ended = true;
  });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  return { socket, heard: () => heard, hasEnded: () => ended };
}

const heard = (peer: Peer, text: string) =>
  until(() => peer.heard() === text, `${text}, not ${peer.heard()}`);
const ended = (peer: Peer) => until(peer.hasEnded, 'the end of the connection');

test('passes everything on, and counts the connections', async () => {
  const peer = await dial();
  peer.socket.write('abc');
  await heard(peer, 'ABC');
  expect(proxy.connections).toBe(1);
  peer.socket.destroy();
  await until(() => proxy.connections === 0, 'no connection');
});

test.each([
  'to-server',
  'to-client',
] as const)('silent %s, it passes nothing and closes nothing', async (way) => {
  const peer = await dial();
  peer.socket.write('a');
  await heard(peer, 'A');
  proxy.silence(way);
  const late = await dial();
  peer.socket.write('b');
  late.socket.write('c');
  const other = way === 'to-server' ? 'to-client' : 'to-server';
  proxy.delay(other, 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([peer.heard(), late.heard(), peer.hasEnded()]).toEqual(['A', '', false]);
  proxy.restore();
  await ended(peer);
  await ended(late);
  const next = await dial();
  next.socket.write('d');
  await heard(next, 'D');
});

test('a delay keeps the order, also when it ends', async () => {
  const peer = await dial();
  proxy.delay('to-server', 60);
  const from = performance.now();
  peer.socket.write('a');
  await until(() => proxy.connections === 1, 'the connection');
  await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.delay('to-server', 0);
  peer.socket.write('b');
  await heard(peer, 'AB');
  expect(performance.now() - from).toBeGreaterThanOrEqual(59);
});

test('where it stops reading, the sender comes to a halt, and nothing is lost', async () => {
  const peer = await dial();
  peer.socket.write('a');
  await heard(peer, 'A');
  proxy.stopReading('to-server');
  const piece = 'x'.repeat(100_000);
  let sent = 0;
  while (peer.socket.write(piece)) sent++;
  while (peer.socket.writableLength < 20_000_000) {
    peer.socket.write(piece);
    sent++;
  }
  sent++;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(peer.socket.writableLength).toBeGreaterThan(0);
  expect(peer.heard()).toBe('A');
  proxy.restore();
  await until(() => peer.heard().length === 1 + sent * piece.length, 'all of it');
});

test('cuts in the middle, to the byte', async () => {
  const peer = await dial();
  peer.socket.write('abc');
  await heard(peer, 'ABC');
  proxy.cutAfter('to-client', 2);
  peer.socket.write('defg');
  await ended(peer);
  expect(peer.heard()).toBe('ABCDE');
  proxy.restore();
  const next = await dial();
  next.socket.write('long enough');
  await heard(next, 'LONG ENOUGH');
});

test('refuses, and is led elsewhere', async () => {
  const peer = await dial();
  proxy.refuse();
  await ended(peer);
  const refused = await dial();
  await ended(refused);
  proxy.restore();
  const elsewhere = createServer((socket) => socket.end('elsewhere'));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  proxy.redirect(`postgres://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  await heard(await dial(), 'elsewhere');
  elsewhere.close();
  echo.close();
});
