import type { TestProject } from 'vitest/node';
import { chooseServer } from './choose-server.js';
import { startServer } from './start-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that all tests share; a test that needs to hurt one starts its own. */
    readonly serverUrl: string;
    /** The npm package that tests which start their own server take it from; `null`: they are skipped. */
    readonly serverPackage: string | null;
  }
}

/** vitest's global setup: one server for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const choice = chooseServer(process.env);
  const server = await startServer(choice);
  project.provide('serverUrl', server.url);
  project.provide('serverPackage', choice.kind === 'embedded' ? choice.packageName : null);
  return () => server.stop();
}
