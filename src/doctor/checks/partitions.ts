import type { Check } from '../check.js';
import { reporter } from '../finding.js';

const notify = reporter('partitions', ['notify']);
const replication = reporter('partitions', ['replication']);

/** What becomes of partitions and children that are added later. Those that are there count as the table. */
export const partitions: Check = {
  name: 'partitions',
  modes: ['notify', 'replication'],
  look: ({ subject, readings: { publication } }) =>
    subject.trees.flatMap((tree) => {
      const { root, members } = tree;
      if (root.kind !== 'p' && members.length === 1) return [];
      const parts = `${root.name} stands for all its partitions or children (${members.length - 1})`;
      const byRoot =
        publication?.all_tables ||
        publication?.entries.some(({ oid }) => root.kind === 'p' && oid === root.oid);
      return [
        ...(tree.notify ? [notify.note(`${parts}: after adding one, install again`)] : []),
        ...(tree.replication && publication !== null
          ? [
              replication.note(
                byRoot
                  ? `${parts}: those of later are published with it`
                  : `${parts}: after adding one, install again`,
              ),
            ]
          : []),
      ];
    }),
};
