import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import path from 'node:path';

/** What the figures were measured on, and with which versions. */
export function describeMachine(): Record<string, string | number> {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    'memory GiB': Math.round(totalmem() / 2 ** 30),
    'load when it began': Number(loadavg()[0]?.toFixed(2) ?? 0),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    commit: output('git', ['rev-parse', '--short', 'HEAD']),
    ...toolVersions(),
  };
}

/** What is installed beside us: as locked, by name. */
export function peerVersions(): Record<string, string> {
  const wanted = readJson('package.json', 'dependencies');
  const versions: Record<string, string> = {};
  for (const name of Object.keys(wanted)) {
    versions[name] = String(readJson(`node_modules/${name}/package.json`).version ?? 'not installed');
  }
  return versions;
}

function toolVersions(): Record<string, string> {
  const tools = ['pgbench', 'pg_recvlogical'].map((tool) => [tool, output(tool, ['--version'])] as const);
  return Object.fromEntries(tools.map(([tool, text]) => [tool, /\d[\d.]*/.exec(text)?.[0] ?? text]));
}

/** @returns `not on this machine` where the program is not there or fails */
function output(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'not on this machine';
  }
}

/** A file beside bench/package.json, or one member of it; nothing where it is not there. */
function readJson(file: string, member?: string): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path.resolve('bench', file), 'utf8'));
  } catch {
    return {};
  }
  if (member !== undefined && isRecord(found)) found = found[member];
  return isRecord(found) ? found : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
