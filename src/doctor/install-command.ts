import { defaultChannel, defaultMaxRows, defaultPublication } from '../install/install-options.js';
import type { TriggerSettings } from '../install/triggers.js';
import type { Remedy } from './finding.js';
import { byCommand, inWords } from './remedy.js';

/** The command that installs the triggers of tables, with the options that they are to have. */
export function installTriggers(tables: readonly string[], settings: TriggerSettings): Remedy {
  const { level, always, channel, maxRows } = settings;
  return install(tables, 'notify', [
    ...(level === 'key' ? [] : ['--level', level]),
    ...(always ? ['--always'] : []),
    ...(channel === defaultChannel ? [] : ['--channel', channel]),
    ...(maxRows === defaultMaxRows ? [] : ['--max-rows', String(maxRows)]),
  ]);
}

/** The command that publishes tables. */
export function installPublication(
  tables: readonly string[],
  publication: string,
  columns: 'all' | 'key' = 'all',
): Remedy {
  return install(tables, 'replication', [
    ...(publication === defaultPublication ? [] : ['--publication', publication]),
    ...(columns === 'all' ? [] : ['--columns', columns]),
  ]);
}

function install(tables: readonly string[], mode: string, options: readonly string[]): Remedy {
  if (tables.length > 0) return byCommand(['install', ...tables, '--mode', mode, ...options, '--commit']);
  const { remedy } = byCommand(['--mode', mode, ...options, '--commit']);
  return inWords(`Run: ${remedy.replace('pgcachewatch', 'pgcachewatch install <tables…>')}`);
}

export function defaultTriggers(channel: string): TriggerSettings {
  return { level: 'key', always: false, channel, maxRows: defaultMaxRows };
}
