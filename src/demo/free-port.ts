import { createServer } from 'node:net';
import { PgCacheWatchError } from '../errors.js';

/** A port of 127.0.0.1 that nobody held a moment ago. Somebody may hold it when it is used. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new PgCacheWatchError('EMBEDDED_SERVER', 'The system gave out no free port'));
      });
    });
  });
}
