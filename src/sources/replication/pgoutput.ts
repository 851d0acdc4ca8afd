import type { Client } from 'pg';
import { PgoutputPlugin } from 'pg-logical-replication';

/** What asks pg-logical-replication for the stream. What comes of it is not the library's to read: see WalReader. */
export class Pgoutput extends PgoutputPlugin {
  readonly #prepare: (client: Client) => Promise<string>;

  /** @param prepare makes the connection ready and says which slot to read; on the very connection of the stream */
  constructor(publication: string, prepare: (client: Client) => Promise<string>) {
    // The parser of `publication_names` folds to lower case what is not quoted, and the library puts the
    // names into a literal as they are.
    const name = `"${publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    super({ protoVersion: 1, publicationNames: [name], messages: true });
    this.#prepare = prepare;
  }

  override async start(client: Client): Promise<unknown> {
    const slot = await this.#prepare(client);
    // 0/0: where the slot stands. The library would otherwise go on after what it has received last.
    return super.start(client, slot, '0/0');
  }
}
