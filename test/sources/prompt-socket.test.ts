import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { promptSocket } from '../../src/sources/prompt-socket.js';

const open: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});

/** Both ends of a connection: ours, and the server's. */
async function connected(): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const ours = promptSocket();
  ours.connect(address.port, '127.0.0.1');
  const [theirs] = await once(server, 'connection');
  server.close();
  open.push(ours, theirs);
  return { ours, theirs };
}

test('while it is paused, no more than one packet is read of what the other side says', async () => {
  const { ours, theirs } = await connected();
  let heard = 0;
  ours.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  theirs.write(Buffer.alloc(10));
  await once(ours, 'data');
  ours.pause();
  // One by one, each when the one before has arrived in our machine: there are as many packets.
  for (let i = 0; i < 50; i++) {
    await new Promise<void>((resolve) => theirs.write(Buffer.alloc(10), () => resolve()));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(ours.bytesRead).toBeLessThan(250);
  expect(heard).toBe(10);
  ours.resume();
  while (heard < 510) await once(ours, 'data');
  expect(heard).toBe(510);
});
