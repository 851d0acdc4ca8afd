import { createSource } from 'pgcachewatch';

// The default: replication where the server allows it, else notify. `reasons` says what was found.
const source = createSource({ mode: 'auto' });
await source.start();
for (const { mode, met, message, remedy } of source.reasons) {
  console.log(mode, met ? 'yes' : 'no', message, remedy ?? '');
}
console.log('chosen:', source.mode);
await source.close();

// Or one of them by name.
const notify = createSource({ mode: 'notify', tables: ['orders'] });
const replication = createSource({
  mode: 'replication',
  replication: { publication: 'pgcachewatch' }, // a temporary slot; { slot: { name: 'shop' } } for a durable one
});
await Promise.all([notify.start(), replication.start()]);
await Promise.all([notify.close(), replication.close()]);
