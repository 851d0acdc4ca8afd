import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import type { ServerChoice } from './choose-server.js';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts what was chosen, or takes the server that is there. */
export function startServer(choice: ServerChoice): Promise<TestServer> {
  switch (choice.kind) {
    case 'embedded':
      return startEmbeddedServer({ packageName: choice.packageName });
    case 'docker':
      return startContainer(choice.image);
    case 'url':
      return Promise.resolve({ url: choice.url, stop: () => Promise.resolve() });
  }
}

async function startContainer(image: string): Promise<TestServer> {
  // Loaded only here: it takes a second, and most runs do without.
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const settings = [
    'wal_level=logical',
    'max_wal_senders=20',
    'max_replication_slots=20',
    'max_connections=100',
    'fsync=off',
  ];
  const container = await new PostgreSqlContainer(image)
    .withUsername('postgres')
    .withDatabase('postgres')
    .withCommand(['postgres', ...settings.flatMap((setting) => ['-c', setting])])
    .start();
  return {
    url: container.getConnectionUri(),
    stop: async () => {
      await container.stop();
    },
  };
}
