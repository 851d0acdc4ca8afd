import type { CustomTypesConfig } from 'pg';
import type { Logger } from '../../logger.js';
import type { ConnectionOption } from '../connection.js';
import type { OnceWatched } from '../once-watched.js';

/** What a notify session needs to know, all defaults filled in. */
export interface NotifyOptions {
  readonly connection: ConnectionOption;
  readonly channel: string;
  readonly tables: readonly string[] | undefined;
  readonly types: CustomTypesConfig;
  /** What the sessions of the source have watched so far. */
  readonly onceWatched: OnceWatched;
  readonly silenceLimitMs: number;
  readonly maxChangesPerTransaction: number;
  readonly logger: Logger;
}
