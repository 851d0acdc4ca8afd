import type { Check } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { type Platform, platformNames } from '../platform.js';

const report = reporter('platform', ['notify', 'replication']);

const PECULIARITIES: Readonly<Record<Platform, string>> = {
  rds: 'wal_level is set by rds.logical_replication, and the right to replicate by the role rds_replication',
  'cloud-sql': 'wal_level is set by the flag cloudsql.logical_decoding',
  azure: 'settings are server parameters of the instance',
  supabase: 'the pooler on port 6543 serves neither mode: use the direct connection or port 5432',
  neon: 'hosts named -pooler serve neither mode, and a slot that nobody reads for some 40 hours is dropped',
};

export const platform: Check = {
  name: 'platform',
  modes: ['notify', 'replication'],
  look: (examined) => describePlatform(examined.platform),
};

/** Nothing, where it is a server like any other. */
export function describePlatform(found: Platform | null): Finding[] {
  return found === null ? [] : [report.note(`This is ${platformNames[found]}: ${PECULIARITIES[found]}`)];
}
