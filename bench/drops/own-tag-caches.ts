import { cache, row, table } from '../../src/index.js';
import { ScriptedSource, TABLE, transactionOf } from './scripted-source.js';
import type { TagCaches } from './tag-cache.js';

export const OURS = 'pgcachewatch';
export const FLOOR = 'promises in a Map';

/** Ours: a change goes the way it goes from a source to the entries. */
export const own: TagCaches = {
  name: OURS,
  make(size, by, load) {
    const source = new ScriptedSource();
    const dependsOn = by === 'row' ? (id: number) => [row(TABLE, { id })] : [table(TABLE)];
    const cached = cache(load, { source, max: size, dependsOn });
    return {
      get: cached,
      prepare(change) {
        const transaction = transactionOf(change === 'table' ? null : change.row);
        return () => source.apply(transaction);
      },
      get size() {
        return cached.statistics.entries;
      },
    };
  },
};

/** The least that can be kept of an entry, which nothing can drop by what it depends on. */
export const floor: TagCaches = {
  name: FLOOR,
  make(_size, _by, load) {
    const kept = new Map<number, Promise<number>>();
    return {
      get(id) {
        const promise = kept.get(id) ?? load(id);
        kept.set(id, promise);
        return promise;
      },
      prepare: (change) => () => (change === 'table' ? kept.clear() : kept.delete(change.row)),
    };
  },
};
