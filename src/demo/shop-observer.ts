import type { Client } from 'pg';
import type { ChangeSource, SourceMode } from '../sources/change-source.js';
import { createSource } from '../sources/create-source.js';
import { openClient } from './open-client.js';
import type { Observer } from './scenario.js';
import { shopReadings } from './shop-readings.js';

/** The shop, cached on a source of its own. */
export interface DemoSource extends Observer {
  close(): Promise<void>;
}

const CAUGHT_UP_WITHIN_MS = 5_000;

/** @param wrong is told of every error that the source reports */
export async function openShopObserver(
  mode: SourceMode,
  url: string,
  wrong: (text: string) => void,
): Promise<DemoSource> {
  const source = createSource({ mode, connection: url });
  source.on('error', (error) => wrong(`the source by ${mode} reports: ${error.message}`));
  const clients: Client[] = [];
  const open = async (who: string): Promise<Client> => {
    const client = await openClient(url, `pgcachewatch demo, ${who} of ${mode}`);
    clients.push(client);
    return client;
  };
  const close = async (): Promise<void> => {
    await source.close();
    await Promise.allSettled(clients.map((client) => client.end()));
  };
  try {
    await source.start();
    const readings = shopReadings(source, await open('app'), await open('checker'));
    return {
      mode,
      readings,
      caughtUp: () => source.caughtUp({ signal: AbortSignal.timeout(CAUGHT_UP_WITHIN_MS) }),
      onTold: (listener) => onTold(source, listener),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The caches are told before any listener is. */
function onTold(source: ChangeSource, listener: () => void): () => void {
  const offs = [source.on('transaction', listener), source.on('gap', listener)];
  return () => {
    for (const off of offs) off();
  };
}
