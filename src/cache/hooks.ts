import { type Channel, channel } from 'node:diagnostics_channel';
import type { ChangeEvent } from '../changes/change-event.js';
import type { Gap } from '../changes/gap.js';
import type { Invalidations } from './statistics.js';
import type { VerifyReport } from './verify-report.js';

/** Why an entry was dropped. */
export type DropCause = keyof Invalidations;

/** What all messages of the channels say. */
export interface CacheMessage {
  /** The cache's name. */
  readonly cache: string;
}

export interface KeyMessage extends CacheMessage {
  /** What the entry is stored under: the only argument itself, if it is a text or a number; else an encoding. */
  readonly key: string | number;
}

export interface LoadMessage extends CacheMessage {
  /** One key; of `getMany`, as many as were missing. Empty: it went past the cache. */
  readonly keys: readonly (string | number)[];
  readonly durationMs: number;
  /** What the function threw, if it did. */
  readonly error: unknown;
}

export interface DropMessage extends KeyMessage {
  readonly cause: DropCause;
  /** With cause `change`: that, or the last of them, if it is still known. */
  readonly change: ChangeEvent | null;
}

export interface GapMessage extends CacheMessage {
  readonly gap: Gap;
  /** How many entries it dropped. */
  readonly entries: number;
}

/**
 * The channels of `node:diagnostics_channel`, by the kind of their messages. Nothing is made for a channel
 * that nobody subscribes to.
 */
export interface CacheChannels {
  'pgcachewatch:hit': KeyMessage;
  'pgcachewatch:miss': KeyMessage;
  'pgcachewatch:load': LoadMessage;
  'pgcachewatch:drop': DropMessage;
  'pgcachewatch:gap': GapMessage;
  'pgcachewatch:verify': CacheMessage & VerifyReport;
}

/**
 * Tells the subscribers when whatever is going on is complete: they are the user's code, and may not meet one
 * cache emptied by a transaction while the next is not.
 */
export function publishSoon(to: Channel, messages: readonly object[]): void {
  queueMicrotask(() => {
    for (const message of messages) to.publish(message);
  });
}

export const hitChannel = channel('pgcachewatch:hit');
export const missChannel = channel('pgcachewatch:miss');
export const loadChannel = channel('pgcachewatch:load');
export const dropChannel = channel('pgcachewatch:drop');
export const gapChannel = channel('pgcachewatch:gap');
export const verifyChannel = channel('pgcachewatch:verify');
