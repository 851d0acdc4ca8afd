import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { Step } from './step.js';
import { FUNCTION_FILES, OLDER_FUNCTIONS } from './trigger-functions.js';

/** A trigger function of ours, of this version or an older one. */
export interface FoundFunction {
  readonly name: string;
  readonly body: string;
  readonly settings: readonly string[];
  readonly definer: boolean;
  /** `CREATE OR REPLACE FUNCTION …`, without a semicolon. */
  readonly definition: string;
  /** Whether everybody may execute it. */
  readonly public: boolean;
}

/** What there is of ours in the database, apart from triggers, and what this role may do about it. */
export interface Installation {
  readonly schema_exists: boolean;
  readonly schema_owned: boolean;
  /** Whether somebody else keeps something in the schema. */
  readonly schema_shared: boolean;
  /** Whether there is a trigger function, of this version or an older one. */
  readonly function_exists: boolean;
  /** Whether this role owns all of them. */
  readonly function_owned: boolean;
  readonly function_owner: string | null;
  readonly functions: readonly FoundFunction[];
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
      purpose: 'create the trigger functions',
      needs:
        function_owner === null
          ? 'Have the owner of the schema pgcachewatch install once.'
          : `Have ${function_owner} install again: the function there is of another version.`,
      statement: [...FUNCTION_FILES.values()].map((file) => sql(file).trim()).join('\n\n'),
      undo: { statement: restoreFunctions(installation, [...FUNCTION_FILES.keys()]), lock: null },
      lock: null,
    });
  }
  return steps;
}

/** The step that drops the functions of an older version, once no trigger is left that calls them. */
export function dropOlderFunctions(installation: Installation): Step[] {
  const names = OLDER_FUNCTIONS.filter((name) => find(installation, name) !== undefined);
  if (names.length === 0) return [];
  return [
    {
      purpose: 'drop the trigger functions of an older version',
      needs: `Run it as ${installation.function_owner}.`,
      statement: names.map((name) => restored(name, undefined)).join('\n'),
      undo: { statement: restoreFunctions(installation, names), lock: null },
      lock: null,
    },
  ];
}

/** What there is of the schema and the functions, if that has to change. */
export function foundationFindings(installation: Installation): string[] {
  const findings: string[] = [];
  if (!installation.schema_exists) findings.push('schema pgcachewatch: is not there; made');
  if (isCurrent(installation)) return findings;
  const is = [...FUNCTION_FILES.keys()].some((name) => find(installation, name) !== undefined)
    ? 'are of another version; will be replaced, for all tables that are watched'
    : 'missing; will be created';
  return [...findings, `functions pgcachewatch.notify_*: ${is}`];
}

/** The SQL that brings the functions back to what they were: to nothing, where they were not there. */
export function restoreFunctions(installation: Installation, names: readonly string[] = ALL): string {
  return names.map((name) => restored(name, find(installation, name))).join('\n');
}

/** The SQL that drops all of them. */
export function dropFunctions(): string {
  return ALL.map((name) => restored(name, undefined)).join('\n');
}

const ALL: readonly string[] = [...FUNCTION_FILES.keys(), ...OLDER_FUNCTIONS];

function find({ functions }: Installation, name: string): FoundFunction | undefined {
  return functions.find((each) => each.name === name);
}

function restored(name: string, found: FoundFunction | undefined): string {
  if (found === undefined) return sql('notify/drop-function.sql', { function: name }).trim();
  const rights = sql(`notify/${found.public ? 'grant' : 'revoke'}-function.sql`, { function: name }).trim();
  return `${found.definition.trim()};\n${rights}`;
}

/** Whether the functions in the database are those in `sql/`, in all that decides what they do. */
export function isCurrent(installation: Installation): boolean {
  return [...FUNCTION_FILES.keys()].every((name) => isFunctionCurrent(installation, name));
}

/** The same of one of them. */
export function isFunctionCurrent(installation: Installation, name: string): boolean {
  const file = FUNCTION_FILES.get(name);
  if (file === undefined) return false;
  const found = find(installation, name);
  const [, before = '', body] =
    /function pgcachewatch\.(.*?)\$function\$(.*?)\$function\$/s.exec(sql(file)) ?? [];
  const settings = [...before.matchAll(/^ {2}set (\w+) = (.+)$/gm)].map(([, setting, value]) =>
    `${setting}=${value?.replaceAll("'", '')}`.toLowerCase(),
  );
  const has = found?.settings.map((setting) => setting.toLowerCase()) ?? [];
  return (
    found?.body === body &&
    found?.definer === false &&
    has.length === settings.length &&
    settings.every((setting) => has.includes(setting))
  );
}
