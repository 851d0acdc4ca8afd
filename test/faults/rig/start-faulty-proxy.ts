import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Direction, FaultyProxy } from './faulty-proxy.js';
import { Pipe, untreated } from './pipe.js';

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  readonly pipes: readonly Pipe[];
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let { hostname, port } = new URL(target);
  const treatments = { 'to-server': untreated(), 'to-client': untreated() };
  const connections = new Set<Connection>();
  /** What is left towards the server of connections that have vanished. */
  const stranded = new Set<Socket>();
  let isRefusing = false;

  const server = createServer((near) => {
    if (isRefusing) {
      near.on('error', () => {}).resetAndDestroy();
      return;
    }
    const far = connect(Number(port), hostname);
    const connection = {
      near,
      far,
      pipes: [new Pipe(near, far, treatments['to-server']), new Pipe(far, near, treatments['to-client'])],
    };
    connections.add(connection);
    for (const socket of [near, far]) {
      // A reset is what is wanted here.
      socket.on('error', () => {});
      socket.on('close', () => {
        if (stranded.has(far)) return;
        connections.delete(connection);
        destroy(connection);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  const cut = () => {
    for (const connection of connections) destroy(connection);
  };
  const settle = () => {
    for (const { pipes } of connections) for (const pipe of pipes) pipe.settle();
  };
  const treat = (direction: Direction, treatment: Partial<ReturnType<typeof untreated>>) => {
    Object.assign(treatments[direction], treatment);
    settle();
  };

  const pass = () => {
    isRefusing = false;
    for (const treatment of Object.values(treatments)) Object.assign(treatment, untreated());
    settle();
  };
  const lost = () => [...connections].filter(({ pipes }) => pipes.some(({ hasLost }) => hasLost));

  return {
    url: url.href,
    get connections() {
      return connections.size;
    },
    get lost() {
      return lost().length;
    },
    delay: (direction, delayMs) => treat(direction, { delayMs }),
    silence: (direction) => treat(direction, { silentAfter: 0 }),
    silenceAfter: (direction, silentAfter) => treat(direction, { silentAfter }),
    stopReading: (direction) => treat(direction, { isStopped: true }),
    cutAfter: (direction, bytes) => treat(direction, { cutAfter: { bytes } }),
    cut,
    refuse: () => {
      isRefusing = true;
      cut();
    },
    vanish: () => {
      isRefusing = true;
      for (const connection of connections) {
        stranded.add(connection.far);
        connections.delete(connection);
        connection.near.resetAndDestroy();
      }
    },
    redirect: (other) => {
      ({ hostname, port } = new URL(other));
      cut();
    },
    restore: () => {
      pass();
      for (const connection of lost()) destroy(connection);
    },
    abandon: pass,
    close: () => {
      cut();
      for (const socket of stranded) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function destroy({ near, far }: Connection): void {
  near.destroy();
  far.destroy();
}
