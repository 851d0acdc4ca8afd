import { execFileSync } from 'node:child_process';
import { Client } from 'pg';
import { expect } from 'vitest';
import { run } from '../../src/cli/program.js';
import {
  type DoctorOptions,
  examine,
  type Finding,
  type Report,
  sourceOptions,
} from '../../src/doctor/index.js';

/** Asks the doctor, by a connection of its own. */
export async function examineAt(url: string, options: DoctorOptions = {}): Promise<Report> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const report = await examine(client, sourceOptions({ connection: url, ...options }));
    expect(report.unseen).toEqual([]);
    return report;
  } finally {
    await client.end();
  }
}

/** What is wrong by one check. */
export function wrong({ findings }: Report, check: string): Finding[] {
  return findings.filter(
    (finding) => finding.check === check && (finding.level === 'warning' || finding.level === 'failure'),
  );
}

/** The one thing that is wrong by a check. */
export function theWrong(report: Report, check: string): Finding {
  const [finding, ...others] = wrong(report, check);
  if (finding === undefined)
    throw new Error(`Nothing is wrong by ${check}: ${JSON.stringify(report, null, 1)}`);
  expect(others).toEqual([]);
  return finding;
}

export interface Surgery {
  /** Of whoever carries it out. */
  readonly url: string;
  readonly restart?: () => Promise<void>;
}

/** Does what the remedy says, as it stands there. */
export async function carryOut({ remedy, remedyKind }: Finding, { url, restart }: Surgery): Promise<void> {
  if (remedy === null) throw new Error('There is no remedy');
  if (remedyKind === 'shell') return inShell(remedy, url);
  expect(remedyKind).toBe('sql');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const line of remedy.split('\n')) if (!line.startsWith('--')) await client.query(line);
  } finally {
    await client.end();
  }
  if (!/^--.*restart the server/m.test(remedy)) return;
  if (restart === undefined) throw new Error('It wants a restart');
  await restart();
}

async function inShell(command: string, url: string): Promise<void> {
  const [npx, name, ...args] = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`])
    .toString()
    .split('\0')
    .slice(0, -1);
  expect([npx, name]).toEqual(['npx', 'pgcachewatch']);
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const status = await run([...args, '--url', url], { out: write, err: write });
  expect(status, said).toBe(0);
}

/** `server_version_num` */
export async function versionOf(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("select current_setting('server_version_num')::int as version");
    return rows[0].version;
  } finally {
    await client.end();
  }
}
