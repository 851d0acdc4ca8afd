import { readReplicaIdentities } from '../../install/replica-identity.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { bySql, inWords } from '../remedy.js';

const both = reporter('watchable', ['notify', 'replication']);
const replication = reporter('watchable', ['replication']);

/** Views, foreign and temporary tables can be watched in neither mode; an unlogged table is in no WAL. */
export const watchable: Check = {
  name: 'watchable',
  modes: ['notify', 'replication'],
  look: async ({ client, subject }) => {
    const cannot = subject.unwatchable.map(({ message, remedy }) =>
      both.failure(`Cannot be watched: ${message}`, inWords(remedy ?? 'Leave it out.')),
    );
    const members = subject.trees.filter((tree) => tree.replication).flatMap((tree) => tree.members);
    const identities = await readReplicaIdentities(
      client,
      members.map(({ oid }) => oid),
    );
    const unlogged = members
      .filter(({ oid, kind }) => kind === 'r' && identities.get(oid)?.unlogged)
      .map(({ name }) =>
        replication.failure(
          `${name} is unlogged: its changes are not in the WAL`,
          bySql([`ALTER TABLE ${name} SET LOGGED;`], 'writes the whole table to the WAL; or use mode notify'),
        ),
      );
    return [...cannot, ...unlogged];
  },
};
