import type { Client } from 'pg';
import type { SourceMode } from '../sources/change-source.js';
import type { ResolvedOptions } from '../sources/source-options.js';
import type { Finding } from './finding.js';
import type { Platform } from './platform.js';
import type { Readings } from './readings.js';
import type { ServerFacts } from './server-facts.js';
import type { Subject } from './subject.js';

/** What a check has to look at. */
export interface Examined {
  /** In a transaction that only reads. */
  readonly client: Client;
  readonly options: ResolvedOptions;
  readonly server: ServerFacts;
  readonly platform: Platform | null;
  readonly readings: Readings;
  readonly subject: Subject;
}

/** One thing that is looked at. It throws only where it could not look. */
export interface Check {
  readonly name: string;
  /** Which of the modes it can say something about. */
  readonly modes: readonly SourceMode[];
  look(examined: Examined): Promise<readonly Finding[]> | readonly Finding[];
}
