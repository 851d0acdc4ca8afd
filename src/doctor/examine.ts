import type { Client } from 'pg';
import { asError } from '../errors.js';
import { chooseMode } from '../sources/auto/choose-mode.js';
import { redact } from '../sources/connection.js';
import type { ResolvedOptions } from '../sources/source-options.js';
import { sql } from '../sql.js';
import type { Check, Examined } from './check.js';
import { judgeVersion, OLDEST_VERSION } from './checks/server-version.js';
import { checks } from './checks.js';
import type { Finding } from './finding.js';
import { onOneLine } from './on-one-line.js';
import { detectPlatform, type Platform } from './platform.js';
import { takeReadings } from './readings.js';
import { readServerFacts, type ServerFacts } from './server-facts.js';
import { findSubject } from './subject.js';
import { type AskedMode, judge, modesOf, type Verdict } from './verdict.js';

/** A check that could not look, and why. */
export interface Unseen {
  readonly check: string;
  readonly message: string;
}

export interface Report {
  readonly mode: AskedMode;
  readonly server: Pick<ServerFacts, 'version' | 'database' | 'role'> & {
    readonly versionName: string;
    readonly platform: Platform | null;
  };
  readonly findings: readonly Finding[];
  readonly unseen: readonly Unseen[];
  readonly verdict: Verdict;
}

/**
 * Looks whether a source with these options would work here. It changes nothing: what is read is read in
 * transactions that only read, and what can only be tried (LISTEN, a connection that replicates) is tried
 * on connections of its own, with nothing left of it.
 *
 * @param client connected, not within a transaction, on the search path that the names are meant on
 * @throws PgCacheWatchError `NO_SUCH_TABLE`, `BAD_TABLE_NAME`, and what the connection throws
 */
export async function examine(client: Client, options: ResolvedOptions): Promise<Report> {
  const server = await readServerFacts(client);
  const platform = detectPlatform(server.traces);
  const about = {
    mode: options.mode,
    server: {
      version: server.version,
      versionName: server.version_name,
      platform,
      database: onOneLine(server.database),
      role: onOneLine(server.role),
    },
  };
  if (server.version < OLDEST_VERSION) {
    // The catalog that the rest looks at is another one there.
    const findings = [judgeVersion(server.version, server.version_name)];
    return {
      ...about,
      findings,
      unseen: [],
      verdict: judge(options.mode, { mode: null, reasons: [] }, findings),
    };
  }
  const subject = await findSubject(client, options);
  const readings = await takeReadings(client, options);
  const examined = { client, options, server, platform, readings, subject };
  const { findings, unseen } = await lookAt(examined);
  const choice = chooseMode(readings.offers, options);
  return { ...about, findings, unseen, verdict: judge(options.mode, choice, findings, unseen.length) };
}

async function lookAt(examined: Examined): Promise<Pick<Report, 'findings' | 'unseen'>> {
  const asked = modesOf(examined.options.mode);
  const concerns = ({ modes }: Pick<Finding, 'modes'>) => modes.some((mode) => asked.includes(mode));
  const findings: Finding[] = [];
  const unseen: Unseen[] = [];
  for (const check of checks.filter(concerns)) {
    try {
      findings.push(...(await look(check, examined)).filter(concerns));
    } catch (error) {
      unseen.push({ check: check.name, message: onOneLine(redact(asError(error).message)) });
    }
  }
  return { findings, unseen };
}

/** In a transaction of its own: with one that failed, all that comes after it in the same would fail. */
async function look(check: Check, examined: Examined): Promise<readonly Finding[]> {
  const { client } = examined;
  await client.query(sql('doctor/begin.sql'));
  try {
    return await check.look(examined);
  } finally {
    await client.query('rollback');
  }
}
