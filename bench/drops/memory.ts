import type { Subject } from '../harness/comparison.js';
import { collectAll } from './collect-garbage.js';
import { Filled } from './filled.js';
import type { TagCaches } from './tag-cache.js';

/** What the heap grows by when a cache is filled, for each entry. */
export function memorySubject(tagCaches: TagCaches, size: number): Subject<'bytes'> {
  return {
    name: tagCaches.name,
    async round() {
      const before = collected();
      const filled = await Filled.make(tagCaches, size, 'row');
      const bytes = (collected() - before) / size;
      // It has to be there still when the heap is looked at, and to work.
      await filled.apply([{ row: 0 }]);
      await filled.refill([0]);
      return { bytes };
    },
  };
}

/** The bytes in use when everything that can go is gone. */
function collected(): number {
  collectAll();
  return process.memoryUsage().heapUsed;
}
