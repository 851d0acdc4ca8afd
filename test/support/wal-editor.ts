import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of a message of the output plugin on its way: itself, another, several, or none. */
export type Edit = (message: Buffer) => Buffer | readonly Buffer[];

/** A TCP proxy in front of a server that does not get everything across as it was sent. */
export interface WalEditor {
  readonly url: string;
  edit: Edit;
  /** How many streams have begun. */
  readonly streams: number;
  close(): Promise<void>;
}

const COPY_BOTH = 'W'.charCodeAt(0);
const COPY_DATA = 'd'.charCodeAt(0);
const XLOG_DATA = 'w'.charCodeAt(0);
const HEADER = 5;
const XLOG_HEADER = 25;

export async function startWalEditor(target: string): Promise<WalEditor> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const url = new URL(target);
  const editor = { url: '', edit: (message: Buffer): ReturnType<Edit> => message, streams: 0, close };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    near.on('data', (data) => far.write(data));
    let rest = Buffer.alloc(0);
    far.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= HEADER && rest.length > rest.readUInt32BE(1)) {
        const length = 1 + rest.readUInt32BE(1);
        for (const message of passed(rest.subarray(0, length))) near.write(message);
        rest = rest.subarray(length);
      }
    });
  });
  function passed(message: Buffer): readonly Buffer[] {
    if (message[0] === COPY_BOTH) editor.streams++;
    if (message[0] !== COPY_DATA || message[HEADER] !== XLOG_DATA) return [message];
    const content = HEADER + XLOG_HEADER;
    const edited = [editor.edit(message.subarray(content))].flat();
    return edited.map((each) => {
      const whole = Buffer.concat([message.subarray(0, content), each]);
      whole.writeUInt32BE(whole.length - 1, 1);
      return whole;
    });
  }
  function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  editor.url = url.href;
  return editor;
}
