/** An order as the service shows it. */
export interface Order {
  readonly id: number;
  /** How often it has been changed. */
  readonly version: number;
  readonly total: number;
}

export type LoadOrder = (id: number) => Promise<Order>;

/** How a service keeps what it reads. */
export interface OrderCache {
  read(id: number): Promise<Order | undefined>;
  /** What a developer has to think of after a write of the service's own. */
  wrote?(id: number): unknown;
  close?(): Promise<void>;
}

export type MakeOrderCache = (load: LoadOrder, url: string) => OrderCache | Promise<OrderCache>;
