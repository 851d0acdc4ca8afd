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
  /** The same of the function for tables of level table. `null`: it is not there. */
  readonly table_function_body: string | null;
  readonly table_function_settings: readonly string[];
  readonly table_function_definer: boolean | null;
  readonly table_function_definition: string | null;
  readonly table_function_public: boolean;
  readonly max_prepared_transactions: number;
  /** Quoted where SQL needs it. */
  readonly role: string;
  readonly database: string;
}

/** The trigger functions, in the schema `pgcachewatch`: that of all triggers, and that of tables of level table. */
export const NOTIFY_CHANGE = 'notify_change';
export const NOTIFY_TABLE_CHANGE = 'notify_table_change';

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
      undo: { statement: restoreFunctions(installation), lock: null },
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

/** The SQL that brings the functions back to what they were: to nothing, where they were not there. */
export function restoreFunctions(installation: Installation): string {
  const { function_definition, function_public, table_function_definition, table_function_public } =
    installation;
  return [
    restored(NOTIFY_TABLE_CHANGE, table_function_definition, table_function_public),
    restored(NOTIFY_CHANGE, function_definition, function_public),
  ].join('\n');
}

/** The SQL that drops both. */
export function dropFunctions(): string {
  return [NOTIFY_TABLE_CHANGE, NOTIFY_CHANGE].map((name) => restored(name, null, false)).join('\n');
}

function restored(name: string, definition: string | null, everybody: boolean): string {
  if (definition === null) return sql('notify/drop-function.sql', { function: name }).trim();
  const rights = sql(`notify/${everybody ? 'grant' : 'revoke'}-function.sql`, { function: name }).trim();
  return `${definition.trim()};\n${rights}`;
}

/** Whether the functions in the database are those in `sql/`, in all that decides what they do. */
export function isCurrent(installation: Installation): boolean {
  return (
    isFunctionCurrent(NOTIFY_CHANGE, {
      body: installation.function_body,
      settings: installation.function_settings,
      definer: installation.function_definer,
    }) &&
    isFunctionCurrent(NOTIFY_TABLE_CHANGE, {
      body: installation.table_function_body,
      settings: installation.table_function_settings,
      definer: installation.table_function_definer,
    })
  );
}

interface Found {
  readonly body: string | null;
  readonly settings: readonly string[];
  readonly definer: boolean | null;
}

function isFunctionCurrent(name: string, found: Found): boolean {
  const source = sql('notify/function.sql');
  const [, before = '', body] =
    new RegExp(`function pgcachewatch\\.${name}\\(\\)(.*?)\\$function\\$(.*?)\\$function\\$`, 's').exec(
      source,
    ) ?? [];
  const settings = [...before.matchAll(/^ {2}set (\w+) = (.+)$/gm)].map(([, setting, value]) =>
    `${setting}=${value?.replaceAll("'", '')}`.toLowerCase(),
  );
  const has = found.settings.map((setting) => setting.toLowerCase());
  return (
    found.body === body &&
    found.definer === false &&
    has.length === settings.length &&
    settings.every((setting) => has.includes(setting))
  );
}
