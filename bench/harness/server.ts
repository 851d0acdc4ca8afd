import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { commitPlan, type InstallOptions, planInstall } from '../../src/install/index.js';

/** A server to measure with. */
export interface BenchServer {
  readonly url: string;
  readonly version: string;
  /** Runs a statement, or several, on one connection. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** Another connection; ends with the server. */
  client(): Promise<pg.Client>;
  install(options: InstallOptions): Promise<void>;
  stop(): Promise<void>;
}

export async function startBenchServer(settings: Readonly<Record<string, string>>): Promise<BenchServer> {
  const server = await startEmbeddedServer({ settings });
  try {
    return await connected(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function connected(server: EmbeddedServer): Promise<BenchServer> {
  const clients: pg.Client[] = [];
  const client = async (): Promise<pg.Client> => {
    const opened = new pg.Client({ connectionString: server.url });
    clients.push(opened);
    await opened.connect();
    return opened;
  };
  const own = await client();
  return {
    url: server.url,
    version: server.version,
    client,
    query: (text, values) => own.query(text, values),
    install: async (options) => commitPlan(own, await planInstall(own, options)),
    stop: async () => {
      await Promise.allSettled(clients.map((each) => each.end()));
      await server.stop();
    },
  };
}

/** A name for a slot that nobody else has. */
export function freeName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}
