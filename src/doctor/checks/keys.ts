import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { inWords } from '../remedy.js';

const report = reporter('keys', ['notify', 'replication']);

/** Without a key, a change of one row is a change of the whole table. */
export const keys: Check = {
  name: 'keys',
  modes: ['notify', 'replication'],
  look: ({ subject }) =>
    subject.trees.flatMap(({ root, members }) => {
      if (members.some(({ inherits }) => inherits)) {
        return [
          report.note(`${root.name} has children by inheritance: every change is one of the whole table`),
        ];
      }
      if (root.key !== '{}') return [];
      return [
        report.note(
          `${root.name} has no primary key: every change is one of the whole table`,
          inWords(`ALTER TABLE ${root.name} ADD PRIMARY KEY (…); and install again.`),
        ),
      ];
    }),
};
