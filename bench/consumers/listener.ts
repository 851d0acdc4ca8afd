import type { ConsumerOptions, Hearing, Wanted } from './consumer.js';

/** A consumer, as the bench sees it: in another process, and maybe not ours. */
export interface Listener {
  readonly name: string;
  open(options: ConsumerOptions): Promise<void>;
  /** Gets it ready for a round. */
  arm(wanted: Wanted): Promise<void>;
  /** What was heard, when all that it was armed for has been. @throws WrongResult */
  heard(): Promise<Hearing>;
  close(): Promise<void>;
  /** Ends its process. */
  end(): void;
}
