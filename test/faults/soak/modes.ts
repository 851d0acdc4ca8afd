import type { SourceOptions } from '../../../src/index.js';

/** The ways of hearing of changes that are put to the test. */
export const MODES = ['notify', 'temporary', 'durable', 'auto'] as const;
export type SoakMode = (typeof MODES)[number];

/** Small, so that a lost connection is noticed soon, and many faults fit into a minute. */
export const SILENCE_LIMIT_MS = 700;

/** The durable slot's name; it outlives each source, and goes at the end. */
export const DURABLE_SLOT = 'soak_durable';

export function sourceOptions(mode: SoakMode, connection: string): SourceOptions {
  const common = { connection, silenceLimitMs: SILENCE_LIMIT_MS };
  switch (mode) {
    case 'notify':
      return { ...common, mode };
    case 'temporary':
      return { ...common, mode: 'replication' };
    case 'durable':
      return { ...common, mode: 'replication', replication: { slot: { name: DURABLE_SLOT } } };
    case 'auto':
      return { ...common, mode };
  }
}

export function isMode(text: string): text is SoakMode {
  return MODES.some((mode) => mode === text);
}
