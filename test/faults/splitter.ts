import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where either kind of connection goes. */
export interface Targets {
  readonly ordinary: string;
  readonly replication: string;
}

/** An address behind which more than one server stands, as a balancer's does, or a name's in the middle of a failover. */
export interface Splitter {
  readonly url: string;
  /** Leads new connections there, and ends those that are there. */
  lead(targets: Targets): void;
  close(): Promise<void>;
}

/** Tells the kinds apart by the startup message, which names its parameters (PostgreSQL documentation, 54.7). */
export async function startSplitter(): Promise<Splitter> {
  let targets: Targets | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    track(near);
    near.once('data', (startup) => {
      if (!targets) return near.destroy();
      const wanted = startup.includes('replication\0database') ? targets.replication : targets.ordinary;
      const { hostname, port } = new URL(wanted);
      const far = connect(Number(port), hostname);
      track(far);
      far.write(startup);
      near.pipe(far).pipe(near);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
  });
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `postgres://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (next) => {
      targets = next;
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
