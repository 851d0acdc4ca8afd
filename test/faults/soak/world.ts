import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { EmbeddedServer } from '../../../src/demo/embedded-server.js';
import type { Around, FaultWorld } from '../fault.js';
import type { FaultyProxy } from '../rig/faulty-proxy.js';
import { startFaultyProxy } from '../rig/start-faulty-proxy.js';
import type { SoakMode } from './modes.js';
import { SubjectHandle } from './subject-handle.js';
import type { Workload } from './workload.js';

const ADMIN_CONNECT_MS = 2_000;

/** One mode under test: a process of its own behind a proxy of its own, on the server that all share. */
export class World implements FaultWorld {
  readonly mode: SoakMode;
  readonly server: EmbeddedServer;
  readonly proxy: FaultyProxy;
  readonly subject: SubjectHandle;
  readonly #databaseUrl: string;
  readonly #workload: Workload;

  private constructor(
    mode: SoakMode,
    server: EmbeddedServer,
    databaseUrl: string,
    proxy: FaultyProxy,
    workload: Workload,
    seed: number,
  ) {
    this.mode = mode;
    this.server = server;
    this.proxy = proxy;
    this.#databaseUrl = databaseUrl;
    this.#workload = workload;
    this.subject = new SubjectHandle({ mode, sourceUrl: proxy.url, databaseUrl, seed });
  }

  static async make(
    mode: SoakMode,
    server: EmbeddedServer,
    databaseUrl: string,
    workload: Workload,
    seed: number,
  ): Promise<World> {
    return new World(mode, server, databaseUrl, await startFaultyProxy(databaseUrl), workload, seed);
  }

  writeAround(around: Around): Promise<void> {
    return this.#workload.writeAround(around);
  }

  async admin(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      application_name: 'soak-admin',
      connectionTimeoutMillis: ADMIN_CONNECT_MS,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Resolves to whether nothing is connected through the proxy any more. */
  async isDisconnected(withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (this.proxy.connections > 0) {
      if (Date.now() > deadline) return false;
      await delay(20);
    }
    return true;
  }

  /** Whatever was done to it is over. */
  heal(): void {
    this.subject.resume();
    this.proxy.restore();
  }

  async close(): Promise<void> {
    this.subject.kill();
    await this.proxy.close();
  }
}
