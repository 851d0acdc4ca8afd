import type { TestProject } from 'vitest/node';
import { chooseServer } from './choose-server.js';
import { startServer } from './start-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that all tests share; a test that needs to hurt one starts its own. */
    readonly serverUrl: string;
  }
}

/** vitest's global setup: one server for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer(chooseServer(process.env));
  project.provide('serverUrl', server.url);
  return () => server.stop();
}
