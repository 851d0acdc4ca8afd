import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WalReader } from '../../../src/sources/replication/wal-reader.js';

function reading() {
  const told: string[] = [];
  const errors: unknown[] = [];
  const reader = new WalReader(
    {
      onRead: () => {},
      onMessage: (content, start, end) => told.push(`wal ${content.toString('latin1', start, end)}`),
      onKeepalive: (position, replyWanted) => told.push(`keepalive ${position} ${replyWanted}`),
      onError: (error) => errors.push(error),
    },
    (message) => told.push(`other ${message.toString('latin1')}`),
  );
  return { reader, told, errors };
}

function framed(kind: string, content: Buffer): Buffer {
  const message = Buffer.alloc(5 + content.length, kind);
  message.writeUInt32BE(4 + content.length, 1);
  content.copy(message, 5);
  return message;
}
const wal = (content: string) => framed('d', Buffer.concat([Buffer.alloc(25, 'w'), Buffer.from(content)]));
function keepalive(position: bigint, replyWanted: boolean): Buffer {
  const content = Buffer.alloc(18, 'k');
  content.writeBigUInt64BE(position, 1);
  content.writeUInt8(replyWanted ? 1 : 0, 17);
  return framed('d', content);
}

const message = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.nat(40), fc.nat(200_000))).map(([letter, length]) => ({
    bytes: wal(letter.repeat(length)),
    told: `wal ${letter.repeat(length)}`,
  })),
  fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.boolean()).map(([position, replyWanted]) => ({
    bytes: keepalive(position, replyWanted),
    told: `keepalive ${position} ${replyWanted}`,
  })),
  fc.constantFrom('c', 'Z', 'N').map((kind) => {
    const bytes = framed(kind, Buffer.from(kind === 'c' ? '' : 'x'));
    return { bytes, told: `other ${bytes.toString('latin1')}` };
  }),
);

test('messages are told whole and in order, however they come in pieces', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 70_000 })), {
        minLength: 1,
      }),
      (messages, pieces) => {
        const { reader, told, errors } = reading();
        const bytes = Buffer.concat(messages.map((each) => each.bytes));
        let at = 0;
        for (let i = 0; at < bytes.length; i++) {
          const piece = pieces[i % pieces.length] ?? 1;
          // What was read is the socket's, and is written over.
          const chunk = Buffer.from(bytes.subarray(at, at + piece));
          reader.take(chunk);
          chunk.fill(0);
          at += piece;
        }
        expect(errors).toEqual([]);
        expect(told).toEqual(messages.map((each) => each.told));
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['is shorter than its own length', Buffer.from([0x64, 0, 0, 0, 3, 0x77])],
  ['is shorter than the header of WAL', framed('d', Buffer.from('w'))],
  ['is a keepalive of the wrong length', framed('d', Buffer.from('k12345'))],
  ['is neither WAL nor a keepalive', framed('d', Buffer.alloc(40, 'x'))],
])('a message that %s is told as an error, once, and nothing after it is read', (_, bytes) => {
  const { reader, told, errors } = reading();
  reader.take(Buffer.concat([wal('before'), bytes, wal('after')]));
  reader.take(wal('later'));
  expect(told).toEqual(['wal before']);
  expect(errors).toHaveLength(1);
});

test('a message that says that it has 4 GB takes no more than has come of it', () => {
  const { reader, errors } = reading();
  const before = process.memoryUsage().arrayBuffers;
  const header = wal('x');
  header.writeUInt32BE(0xffff_ffff, 1);
  reader.take(header);
  for (let i = 0; i < 16; i++) reader.take(Buffer.alloc(64 * 1024));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
  expect(errors).toEqual([]);
});
