import type { Fault } from '../../fault.js';
import type { Direction, FaultyProxy } from '../faulty-proxy.js';

const WAYS: Readonly<Record<string, readonly [Direction, ...Direction[]]>> = {
  'to the server': ['to-server'],
  'to the client': ['to-client'],
  'both ways': ['to-server', 'to-client'],
};

function eachWay(name: string, apply: (proxy: FaultyProxy, way: Direction) => void): Fault[] {
  return Object.entries(WAYS).map(([which, ways]) => ({
    name: `network: ${name} ${which}`,
    async inject({ proxy }) {
      for (const way of ways) apply(proxy, way);
      return async () => proxy.restore();
    },
  }));
}

export const networkFaults: readonly Fault[] = [
  ...eachWay('silent', (proxy, way) => proxy.silence(way)),
  ...eachWay('read no more', (proxy, way) => proxy.stopReading(way)),
  {
    name: 'network: slow',
    async inject({ proxy }, random) {
      proxy.delay('to-server', random.integer(1, 200));
      proxy.delay('to-client', random.integer(1, 200));
      return async () => proxy.restore();
    },
  },
  {
    name: 'network: cut',
    async inject({ proxy }) {
      proxy.cut();
      return async () => {};
    },
  },
  {
    name: 'network: cut within a message to the client',
    async inject({ proxy }, random) {
      proxy.cutAfter('to-client', random.integer(1, 3_000));
      return async () => proxy.restore();
    },
  },
  {
    name: 'network: cut within a message to the server',
    async inject({ proxy }, random) {
      proxy.cutAfter('to-server', random.integer(1, 300));
      return async () => proxy.restore();
    },
  },
  {
    name: 'network: refusing',
    async inject({ proxy }) {
      proxy.refuse();
      return async () => proxy.restore();
    },
  },
];
