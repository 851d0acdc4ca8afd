/** The tables of the model: `orders(id, customer, stamp)` and `stock(id, stamp)`. A stamp is the version that wrote the row. */
export interface ShopState {
  readonly orders: ReadonlyMap<number, Order>;
  readonly stock: ReadonlyMap<number, number>;
}

export interface Order {
  readonly customer: number | null;
  readonly stamp: number;
}

/** A row as it was before a statement, or after it; `row: null`: all of the table's. */
export type Touched =
  | {
      readonly table: 'orders';
      readonly row: { readonly id: number; readonly customer: number | null } | null;
    }
  | { readonly table: 'stock'; readonly row: { readonly id: number } };

export type Write =
  | { readonly kind: 'put order'; readonly id: number; readonly customer: number | null }
  | { readonly kind: 'move order'; readonly id: number; readonly customer: number | null }
  | { readonly kind: 'rename order'; readonly id: number; readonly to: number }
  | { readonly kind: 'delete order'; readonly id: number }
  | { readonly kind: 'truncate orders' }
  | { readonly kind: 'put stock'; readonly id: number }
  | { readonly kind: 'delete stock'; readonly id: number };

export const INITIAL: ShopState = {
  orders: new Map([
    [1, { customer: 1, stamp: 0 }],
    [2, { customer: 2, stamp: 0 }],
  ]),
  stock: new Map([[1, 0]]),
};

export const INITIAL_SQL = `
  truncate orders; truncate stock;
  insert into orders values (1, 1, 0), (2, 2, 0);
  insert into stock values (1, 0);
  update version set n = 0;
`;

export const SCHEMA_SQL = `
  create table orders (id int primary key, customer int, stamp int not null);
  create table stock (id int primary key, stamp int not null);
  create table version (n int not null);
  insert into version values (0);
`;

export function describeWrite(write: Write): string {
  switch (write.kind) {
    case 'put order':
      return `put order ${write.id} of customer ${write.customer}`;
    case 'move order':
      return `move order ${write.id} to customer ${write.customer}`;
    case 'rename order':
      return `rename order ${write.id} to ${write.to}`;
    case 'truncate orders':
      return 'truncate orders';
    default:
      return `${write.kind} ${write.id}`;
  }
}

/** What the statement is, as the version that it belongs to. */
export function sqlOf(write: Write, stamp: number): { readonly text: string; readonly values: unknown[] } {
  switch (write.kind) {
    case 'put order':
      return {
        text: `insert into orders values ($1, $2, $3)
          on conflict (id) do update set customer = excluded.customer, stamp = excluded.stamp`,
        values: [write.id, write.customer, stamp],
      };
    case 'move order':
      return {
        text: 'update orders set customer = $2, stamp = $3 where id = $1',
        values: [write.id, write.customer, stamp],
      };
    case 'rename order':
      return {
        text: `update orders set id = $2, stamp = $3
          where id = $1 and not exists (select from orders where id = $2)`,
        values: [write.id, write.to, stamp],
      };
    case 'delete order':
      return { text: 'delete from orders where id = $1', values: [write.id] };
    case 'truncate orders':
      return { text: 'truncate orders', values: [] };
    case 'put stock':
      return {
        text: 'insert into stock values ($1, $2) on conflict (id) do update set stamp = excluded.stamp',
        values: [write.id, stamp],
      };
    case 'delete stock':
      return { text: 'delete from stock where id = $1', values: [write.id] };
  }
}

/** What the statement makes of a state, and the rows that it touches. */
export function apply(
  { orders, stock }: ShopState,
  write: Write,
  stamp: number,
): { readonly state: ShopState; readonly touched: Touched[] } {
  const newOrders = new Map(orders);
  const newStock = new Map(stock);
  const touched: Touched[] = [];
  const touch = (id: number, order: Order | undefined) => {
    if (order) touched.push({ table: 'orders', row: { id, customer: order.customer } });
  };
  const setOrder = (from: number, to: number, customer: number | null) => {
    const order = { customer, stamp };
    touch(from, orders.get(from));
    touch(to, order);
    newOrders.delete(from);
    newOrders.set(to, order);
  };
  switch (write.kind) {
    case 'put order':
      setOrder(write.id, write.id, write.customer);
      break;
    case 'move order':
      if (orders.has(write.id)) setOrder(write.id, write.id, write.customer);
      break;
    case 'rename order': {
      const order = orders.get(write.id);
      if (order && !orders.has(write.to)) setOrder(write.id, write.to, order.customer);
      break;
    }
    case 'delete order':
      touch(write.id, orders.get(write.id));
      newOrders.delete(write.id);
      break;
    case 'truncate orders':
      touched.push({ table: 'orders', row: null });
      newOrders.clear();
      break;
    case 'put stock':
      touched.push({ table: 'stock', row: { id: write.id } });
      newStock.set(write.id, stamp);
      break;
    case 'delete stock':
      if (newStock.delete(write.id)) touched.push({ table: 'stock', row: { id: write.id } });
      break;
  }
  return { state: { orders: newOrders, stock: newStock }, touched };
}
