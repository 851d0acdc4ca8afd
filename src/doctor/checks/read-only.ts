import { changeSetting } from '../change-setting.js';
import type { Check, Examined } from '../check.js';
import { type Remedy, reporter } from '../finding.js';
import { bySql, inWords } from '../remedy.js';

const report = reporter('read-only', ['notify', 'replication']);
const NAME = 'default_transaction_read_only';

/** Both sources work all the same; what has to be installed cannot be. */
export const readOnly: Check = {
  name: 'read-only',
  modes: ['notify', 'replication'],
  look: (examined) =>
    examined.server.settings[NAME]?.value === 'on'
      ? [
          report.note(
            `${NAME} is on: both sources work all the same, but install will be refused`,
            remedy(examined),
          ),
        ]
      : [],
};

function remedy({ server, platform }: Examined): Remedy {
  const { role, database } = server;
  const setting = server.settings[NAME];
  const first = `SET ${NAME} = off;`;
  switch (setting?.source) {
    case 'user':
      return bySql([first, `ALTER ROLE ${role} RESET ${NAME};`], 'as a superuser, or as that role');
    case 'database':
      return bySql([first, `ALTER DATABASE ${database} RESET ${NAME};`], "as the database's owner");
    case 'database user':
      return bySql(
        [first, `ALTER ROLE ${role} IN DATABASE ${database} RESET ${NAME};`],
        'as a superuser, or as that role',
      );
    case 'client':
      return inWords(`Take ${NAME} out of the connection's options (PGOPTIONS, options in the URL).`);
    default:
      return changeSetting(platform, NAME, 'off', setting);
  }
}
