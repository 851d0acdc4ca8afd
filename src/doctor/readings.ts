import type { Client } from 'pg';
import { type Installation, readInstallation } from '../install/installation.js';
import { type Publication, readPublication } from '../install/publication.js';
import { type Findings, readFindings } from '../sources/auto/capabilities.js';
import type { ResolvedOptions } from '../sources/source-options.js';

/** What several checks look at. */
export interface Readings {
  /** What mode `auto` decides by. */
  readonly offers: Findings;
  readonly installation: Installation;
  readonly publication: Publication | null;
}

/** @throws PgCacheWatchError `NO_SUCH_TABLE` */
export async function takeReadings(client: Client, options: ResolvedOptions): Promise<Readings> {
  return {
    offers: await readFindings(client, options),
    installation: await readInstallation(client),
    publication: await readPublication(client, options.publication),
  };
}
