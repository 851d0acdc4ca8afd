import { startProxy } from '../../support/proxy.js';
import type { FaultyProxy } from './faulty-proxy.js';

/** STAND-IN. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const proxy = await startProxy(target);
  return {
    url: proxy.url,
    connections: 0,
    delay: () => {},
    silence: () => proxy.silence(),
    stopReading: () => {},
    cutAfter: () => {},
    cut: () => proxy.cut(),
    refuse: () => {},
    redirect: (to) => proxy.redirect(to),
    restore: () => {
      proxy.restore();
      proxy.cut();
    },
    close: () => proxy.close(),
  };
}
