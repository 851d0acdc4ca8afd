import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { Step } from './step.js';

/** What there is of ours in the database, apart from triggers, and what this role may do about it. */
export interface Installation {
  readonly schema_exists: boolean;
  readonly schema_owned: boolean;
  /** Whether somebody else keeps something in the schema. */
  readonly schema_shared: boolean;
  readonly function_exists: boolean;
  readonly function_owned: boolean;
  readonly function_owner: string | null;
  readonly function_body: string | null;
  readonly function_settings: readonly string[];
  readonly function_definer: boolean | null;
  /** `CREATE OR REPLACE FUNCTION …`, without a semicolon. */
  readonly function_definition: string | null;
  /** Whether everybody may execute it. */
  readonly function_public: boolean;
  readonly max_prepared_transactions: number;
  /** Quoted where SQL needs it. */
  readonly role: string;
  readonly database: string;
}

export async function readInstallation(client: Client): Promise<Installation> {
  const { rows } = await client.query<Installation>(sql('install/installation.sql'));
  const [installation] = rows;
  if (installation === undefined) throw new TypeError('install/installation.sql gives exactly one row');
  return installation;
}

/**
 * The steps that bring the schema and the function to what they should be. What is there already is not
 * touched, so that a role that owns nothing but its tables can watch them.
 */
export function foundationSteps(installation: Installation): Step[] {
  const { role, database, function_owner } = installation;
  const steps: Step[] = [];
  if (!installation.schema_exists) {
    steps.push({
      purpose: 'create the schema pgcachewatch',
      needs: `Have a role that may create schemas install once, or have it run: GRANT CREATE ON DATABASE ${database} TO ${role}.`,
      statement: sql('notify/schema.sql').trim(),
      undo: { statement: sql('notify/drop-schema.sql').trim(), lock: null },
      lock: null,
    });
  }
  if (!isCurrent(installation)) {
    steps.push({
      purpose: 'create the trigger function',
      needs:
        function_owner === null
          ? 'Have the owner of the schema pgcachewatch install once.'
          : `Have ${function_owner} install again: the function there is of another version.`,
      statement: sql('notify/function.sql').trim(),
      undo: { statement: restoreFunction(installation), lock: null },
      lock: null,
    });
  }
  return steps;
}

/** What there is of the schema and the function, if that has to change. */
export function foundationFindings(installation: Installation): string[] {
  const findings: string[] = [];
  if (!installation.schema_exists) findings.push('schema pgcachewatch: is not there; made');
  if (isCurrent(installation)) return findings;
  const is = installation.function_exists
    ? 'is of another version; replaced, for all tables that are watched'
    : 'is not there; made';
  return [...findings, `function pgcachewatch.notify_change: ${is}`];
}

/** The SQL that brings the function back to what it was: to nothing, where it was not there. */
export function restoreFunction({ function_definition, function_public }: Installation): string {
  if (function_definition === null) return sql('notify/drop-function.sql').trim();
  const rights = sql(`notify/${function_public ? 'grant' : 'revoke'}-function.sql`).trim();
  return `${function_definition.trim()};\n${rights}`;
}

/** Whether the function in the database is the one in `sql/`, in all that decides what it does. */
export function isCurrent(installation: Installation): boolean {
  const source = sql('notify/function.sql');
  const body = /\$function\$(.*)\$function\$/s.exec(source)?.[1];
  const settings = [...source.matchAll(/^ {2}set (\w+) = (.+)$/gm)].map(([, name, value]) =>
    `${name}=${value?.replaceAll("'", '')}`.toLowerCase(),
  );
  const found = installation.function_settings.map((setting) => setting.toLowerCase());
  return (
    installation.function_body === body &&
    installation.function_definer === false &&
    found.length === settings.length &&
    settings.every((setting) => found.includes(setting))
  );
}
