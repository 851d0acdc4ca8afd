import pgListen from 'pg-listen';
import type { Consumer, ConsumerModule } from '../consumers/consumer.js';
import { hearNotification } from '../consumers/notification.js';

function listening(): Consumer {
  let subscriber: pgListen.Subscriber | null = null;
  return {
    async open({ url, from }, heard) {
      subscriber = pgListen.default({ connectionString: url });
      subscriber.notifications.on(from, (payload: unknown) => hearNotification(payload, heard));
      await subscriber.connect();
      await subscriber.listenTo(from);
    },
    close: async () => subscriber?.close(),
  };
}

export const consumers: ConsumerModule['consumers'] = { 'pg-listen': listening };
