import postgres from 'postgres';
import type { Consumer, ConsumerModule } from '../consumers/consumer.js';

function subscribing(): Consumer {
  let sql: postgres.Sql | null = null;
  return {
    async open({ url, table, from }, heard) {
      sql = postgres(url, { publications: from });
      await sql.subscribe(`*:${table}`, (row) => heard(row?.id ?? null));
    },
    close: async () => {
      await sql?.end();
    },
  };
}

export const consumers: ConsumerModule['consumers'] = { subscribe: subscribing };
