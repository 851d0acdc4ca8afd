/** Where a provider runs the server, and sets its settings by ways of its own. */
export type Platform = 'rds' | 'cloud-sql' | 'azure' | 'supabase' | 'neon';

/** What a provider leaves in every database for everybody to see. */
export interface PlatformTraces {
  /** The prefixes of the settings that have one, such as `rds` of `rds.extensions`. */
  readonly settings: readonly string[];
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
}

export const platformNames: Readonly<Record<Platform, string>> = {
  rds: 'Amazon RDS or Aurora',
  'cloud-sql': 'Google Cloud SQL',
  azure: 'Azure Database for PostgreSQL',
  supabase: 'Supabase',
  neon: 'Neon',
};

interface Signs {
  readonly platform: Platform;
  readonly setting?: string;
  readonly role: string;
  readonly extension?: string;
}

const SIGNS: readonly Signs[] = [
  { platform: 'neon', setting: 'neon', role: 'neon_superuser', extension: 'neon' },
  { platform: 'supabase', role: 'supabase_admin', extension: 'supabase_vault' },
  { platform: 'rds', setting: 'rds', role: 'rds_superuser' },
  { platform: 'cloud-sql', setting: 'cloudsql', role: 'cloudsqlsuperuser' },
  { platform: 'azure', setting: 'azure', role: 'azure_pg_admin' },
];

/** `null`: a server like any other. */
export function detectPlatform({ settings, roles, extensions }: PlatformTraces): Platform | null {
  const found = SIGNS.find(
    ({ setting, role, extension }) =>
      roles.includes(role) ||
      (setting !== undefined && settings.includes(setting)) ||
      (extension !== undefined && extensions.includes(extension)),
  );
  return found?.platform ?? null;
}
