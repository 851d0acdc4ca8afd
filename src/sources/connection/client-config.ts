import type { ClientConfig } from 'pg';
import { parse } from 'pg-connection-string';
import { asError, PgCacheWatchError } from '../../errors.js';
import { promptSocket } from '../prompt-socket.js';
import { redact } from './redact.js';

/** A URL, or what `pg` takes. Unset: `DATABASE_URL`, then `PGHOST`, `PGUSER` and the like. */
export type ConnectionOption = string | ClientConfig | undefined;

const CONNECT_TIMEOUT_MS = 10_000;
const REMEDY = 'Pass a URL such as postgres://user@host:5432/database, or { host, user, database, … }.';

/**
 * The settings that say where the server is, who asks, and how the way there is protected. Everything else in a
 * user's configuration is meant for the queries of an application (time-outs, type parsers, pipelining, a pool's
 * size) and would change what our own sessions do.
 */
const PASSED = [
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'sslnegotiation',
  'enableChannelBinding',
  'scramMaxIterations',
  'options',
  'application_name',
  'fallback_application_name',
  'keepAlive',
  'keepAliveInitialDelayMillis',
  'connectionTimeoutMillis',
  // How connectors of cloud providers lead to their servers.
  'stream',
] as const;

/**
 * The configuration of one dedicated connection. TCP keepalives are on, and connecting is bounded in time.
 *
 * @throws PgCacheWatchError `BAD_OPTION` as {@link checkConnection} does, or for an empty `DATABASE_URL`
 */
export function clientConfig(connection: ConnectionOption, applicationName: string): ClientConfig {
  const given = connection ?? process.env.DATABASE_URL ?? {};
  checkConnection(given);
  // pg reads a connectionString again, and what is in it wins over the object: it has to be taken apart first.
  const url: Readonly<Record<string, unknown>> = parsed(
    typeof given === 'string' ? given : given.connectionString,
  );
  const passed = PASSED.flatMap((name) => {
    // By its name: a pool's options hide their password from enumeration.
    const value = name in url || typeof given === 'string' ? url[name] : Reflect.get(given, name);
    return isSet(value) ? [[name, guarded(name, value)]] : [];
  });
  return {
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName,
    stream: promptSocket,
    ...Object.fromEntries(passed),
  };
}

/**
 * Refuses what pg would take for an empty configuration, and connect to localhost.
 *
 * @throws PgCacheWatchError `BAD_OPTION` for anything that is neither a URL nor an object of options, for an empty
 *   URL, and for a password function that pg would not call
 */
export function checkConnection(connection: unknown): void {
  if (connection === undefined) return;
  if (typeof connection === 'string') {
    if (connection.trim() !== '') return;
    throw bad(
      'The connection is an empty string',
      'Pass a URL such as postgres://user@host/database, or leave it out to use PGHOST and the like.',
    );
  }
  const what = notOptions(connection);
  if (what !== null) {
    throw bad(
      `The connection is ${what.name}, and must be a URL or an object of pg's options`,
      what.remedy ?? REMEDY,
    );
  }
  const { connectionString, password }: ClientConfig = Object(connection);
  if (connectionString !== undefined && typeof password === 'function') {
    throw bad(
      'The connection has a password function beside a connectionString, and pg takes the password from that',
      'Pass host, port, user and database instead of the connectionString.',
    );
  }
}

/** What a value is that holds no options; `null`: it may. */
function notOptions(value: unknown): { readonly name: string; readonly remedy?: string } | null {
  if (value === null || typeof value !== 'object')
    return { name: value === null ? 'null' : `a ${typeof value}` };
  if (value instanceof URL) return { name: 'a URL object', remedy: 'Pass its text: url.href.' };
  if (Array.isArray(value)) return { name: 'an array' };
  if ('then' in value && typeof value.then === 'function') return { name: 'a promise', remedy: 'Await it.' };
  if (['query', 'connect', 'emit'].some((name) => typeof Reflect.get(value, name) === 'function')) {
    return {
      name: `a ${value.constructor.name === 'BoundPool' ? 'Pool' : value.constructor.name}`,
      remedy:
        'A source opens connections of its own: pass the URL, or the options, that this one was made with.',
    };
  }
  return null;
}

function parsed(connectionString: string | undefined): Readonly<Record<string, unknown>> {
  if (connectionString === undefined || connectionString === '') return {};
  try {
    return parse(connectionString);
  } catch (error) {
    throw bad(`The connection cannot be read: ${redact(asError(error).message)}`, REMEDY);
  }
}

/** An empty text stands for what is not given, as in a URL without a user. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** What a user's function throws is neither an error of the connection nor one of ours. */
function guarded(name: (typeof PASSED)[number], value: unknown): unknown {
  if (name === 'password' && isFunction(value)) {
    return async (...args: unknown[]) => {
      try {
        return await value(...args);
      } catch (error) {
        throw failed('password', error);
      }
    };
  }
  if (name === 'stream' && isFunction(value)) {
    return (...args: unknown[]) => {
      try {
        return value(...args);
      } catch (error) {
        throw failed('stream', error);
      }
    };
  }
  return value;
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

function failed(name: string, cause: unknown): PgCacheWatchError {
  return new PgCacheWatchError(
    'CONNECTION',
    `The ${name} function of the connection has thrown: ${redact(asError(cause).message)}`,
    {
      cause,
      remedy: 'It is called again at the next attempt. If it keeps failing, look into that function.',
    },
  );
}

function bad(message: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
