// A small service, in a process of its own: an order with the sum of its items, read and written.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import pg from 'pg';
import type { MakeOrderCache } from './variant.js';

const [url = '', module = '', kind = ''] = process.argv.slice(2);
const db = new pg.Pool({ connectionString: url, max: 8 });
let queries = 0;

const { variants }: { variants: Record<string, MakeOrderCache> } = await import(
  new URL(module, import.meta.url).href
);
const orders = await variants[kind]?.(async (id) => {
  queries++;
  const { rows } = await db.query(
    `select o.id, o.version, coalesce(sum(i.price * i.quantity), 0)::float8 as total
     from orders o left join items i on i.order_id = o.id where o.id = $1 group by o.id`,
    [id],
  );
  return rows[0];
}, url);
if (orders === undefined) throw new Error(`There is no variant ${kind} in ${module}`);
const { read, wrote } = orders;

const server = createServer((request, response) => {
  answer(request).then(
    (body) => send(response, 200, body),
    (error: unknown) => send(response, 500, { error: String(error) }),
  );
});

async function answer({ method, url: path = '' }: IncomingMessage): Promise<unknown> {
  const id = Number(path.slice('/orders/'.length));
  if (method === 'GET') return read(id);
  const { rows } = await db.query('update orders set version = version + 1 where id = $1 returning version', [
    id,
  ]);
  await wrote?.(id);
  return rows[0];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
process.on('message', () => process.send?.({ queries }));
process.on('disconnect', () => process.exit());
