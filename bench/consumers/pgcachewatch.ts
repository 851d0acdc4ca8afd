import { type CachedFunction, cache, createSource, row, type SourceOptions, table } from '../../src/index.js';
import type { Consumer, ConsumerModule } from './consumer.js';

/** A round may hold the server for seconds: that is not the silence of a lost connection. */
const SILENCE_LIMIT_MS = 120_000;
/** So many entries, spread over the rows that will change. */
const ENTRIES = 1_000;

/** The package: a source and a cache whose entries the changes have to drop. */
function consumer(mode: SourceOptions['mode'], by: 'table' | 'row', visibility?: 'immediate'): Consumer {
  let source: ReturnType<typeof createSource> | null = null;
  let cached: CachedFunction<[number], number> | null = null;
  let loaded: number[] = [];
  let droppedBefore = 0;
  /** Whether every entry is looked for, which is no part of what a subscriber does. */
  let looks = false;
  let stillCached: string | null = null;
  return {
    async open({ url, table: name, from }, heard) {
      source = createSource({
        mode,
        connection: url,
        tables: [name],
        silenceLimitMs: SILENCE_LIMIT_MS,
        ...(mode === 'notify'
          ? { notify: { channel: from } }
          : { replication: { publication: from, visibility } }),
      });
      const entries = cache(async (id: number) => id, {
        source,
        dependsOn: (id) => [by === 'row' ? row(name, { id }) : table(name)],
      });
      cached = entries;
      // Whoever listens is told when the caches have been.
      source.on('transaction', ({ changes }) => {
        for (const change of changes) {
          const id = by === 'row' ? change.textAfter('id') : null;
          heard(id == null ? null : Number(id));
          if (looks && id != null && entries.peek(Number(id))) stillCached ??= id;
        }
      });
      await source.start();
    },
    async prepare({ first, changes, timed }) {
      if (cached === null) return;
      const step = by === 'row' ? Math.max(1, Math.floor(changes / ENTRIES)) : changes;
      loaded = [];
      for (let id = first; id < first + changes; id += step) loaded.push(id);
      for (const id of loaded) await cached(id);
      looks = timed;
      droppedBefore = cached.statistics.invalidations.change;
    },
    verify() {
      if (stillCached !== null) throw new Error(`row ${stillCached} was cached when its change was told`);
      const dropped = (cached?.statistics.invalidations.change ?? 0) - droppedBefore;
      if (dropped !== loaded.length) throw new Error(`${dropped} of ${loaded.length} entries were dropped`);
    },
    async close() {
      cached?.close();
      await source?.close();
    },
  };
}

export const consumers: ConsumerModule['consumers'] = {
  'notify, table': () => consumer('notify', 'table'),
  'notify, row': () => consumer('notify', 'row'),
  'replication, table': () => consumer('replication', 'table'),
  'replication, row': () => consumer('replication', 'row'),
  'replication, row, immediate': () => consumer('replication', 'row', 'immediate'),
};
