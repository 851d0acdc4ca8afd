import type { Check } from '../check.js';
import { reporter } from '../finding.js';

const report = reporter('fallback', ['notify', 'replication']);

/** What mode auto watches by one of the sources and not by the other. Tables that are named have to be with both. */
export const fallback: Check = {
  name: 'fallback',
  modes: ['notify', 'replication'],
  look: ({ subject, options }) => {
    if (options.mode !== 'auto' || subject.named) return [];
    const anyNotify = subject.trees.some((tree) => tree.notify);
    const anyReplication = subject.trees.some((tree) => tree.replication);
    if (!anyNotify || !anyReplication) return [];
    return subject.trees.flatMap(({ root, notify, replication }) => {
      if (notify && replication) return [];
      const [has, lacks] = notify ? ['triggers', 'replication'] : ['a publication', 'notify'];
      return [report.note(`${root.name} has ${has} only: while auto is on ${lacks}, it is not watched`)];
    });
  },
};
