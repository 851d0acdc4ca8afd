import { escapeLiteral } from 'pg';
import type { Remedy } from './finding.js';
import type { Platform } from './platform.js';
import { bySql, inWords } from './remedy.js';
import type { Setting } from './server-facts.js';

/**
 * How a setting of the server is changed, where it runs.
 *
 * @param comments what to know before
 */
export function changeSetting(
  platform: Platform | null,
  name: string,
  value: string,
  setting: Setting | undefined,
  ...comments: readonly string[]
): Remedy {
  const restart = setting?.restart ?? true;
  if (platform !== null) {
    return inWords([...comments, onPlatform(platform, name, value, restart)].join(' '));
  }
  if (setting?.source === 'command line') {
    // It goes before whatever ALTER SYSTEM writes.
    const start = restart ? 'and start it again' : 'or take it out there';
    return inWords(
      [...comments, `Change ${name} to ${value} on the server's command line, ${start}.`].join(' '),
    );
  }
  const alter = `ALTER SYSTEM SET ${name} = ${escapeLiteral(value)};`;
  return restart
    ? bySql([alter], ...comments, 'as a superuser; then restart the server')
    : bySql([alter, 'SELECT pg_reload_conf();'], ...comments, 'as a superuser');
}

/** The providers have switches of their own for logical decoding, and do not let `wal_level` be set. */
function onPlatform(platform: Platform, name: string, value: string, restart: boolean): string {
  const reboot = restart ? ' and reboot the instance' : '';
  const decoding = name === 'wal_level' && value === 'logical';
  switch (platform) {
    case 'rds': {
      const [parameter, set] = decoding ? ['rds.logical_replication', '1'] : [name, value];
      return `In the parameter group of the instance (of the cluster, for Aurora), set ${parameter} = ${set}${reboot}.`;
    }
    case 'cloud-sql': {
      const flag = decoding ? 'cloudsql.logical_decoding=on' : `${name}=${value}`;
      return `Add the flag ${flag} to the instance: gcloud sql instances patch INSTANCE --database-flags=${flag}, together with the flags that it has already${restart ? '; it restarts' : ''}.`;
    }
    case 'azure':
      return `Set the server parameter: az postgres flexible-server parameter set --resource-group GROUP --server-name SERVER --name ${name} --value ${value}${restart ? ', and restart the server' : ''}.`;
    case 'supabase':
      return `Run: npx supabase --experimental --project-ref REF postgres-config update --config ${name}=${value}${restart ? '; it restarts' : ''}.`;
    case 'neon':
      return decoding
        ? "In the project's settings, under Logical Replication, enable it; it restarts, and cannot be undone."
        : `Neon lets nobody change ${name}: ask its support.`;
  }
}
