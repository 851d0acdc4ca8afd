import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server, to do to a connection what networks do. */
export interface Proxy {
  /** The URL given, by way of the proxy. */
  readonly url: string;
  /** Stops passing anything on, and closes nothing: what a lost peer looks like. */
  silence(): void;
  /** Destroys every connection at once, in the middle of whatever is on its way. */
  cut(): void;
  /** Ends every connection, and leads new ones to another server. */
  redirect(target: string): void;
  /** Passes everything on again, from new connections. */
  restore(): void;
  close(): Promise<void>;
}

/** @param at the port to take; default: a free one */
export async function startProxy(target: string, at = 0): Promise<Proxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let silent = false;
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
      from.on('data', (data) => silent || to.write(data));
    }
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence: () => {
      silent = true;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    redirect: (other) => {
      ({ hostname, port } = new URL(other));
      for (const socket of sockets) socket.destroy();
    },
    restore: () => {
      silent = false;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
