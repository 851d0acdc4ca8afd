import type { CustomTypesConfig } from 'pg';
import type { Logger } from '../../logger.js';
import type { ConnectionOption } from '../connection.js';

/** What a notify session needs to know, all defaults filled in. */
export interface NotifyOptions {
  readonly connection: ConnectionOption;
  readonly channel: string;
  readonly tables: readonly string[] | undefined;
  readonly types: CustomTypesConfig;
  readonly silenceLimitMs: number;
  readonly maxChangesPerTransaction: number;
  readonly logger: Logger;
}
