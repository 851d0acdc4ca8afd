/** What a consumer is told of how it is to listen. */
export interface ConsumerOptions {
  readonly url: string;
  /** The only table that changes; its key is `id int`. */
  readonly table: string;
  /** The publication or the channel, by what the consumer listens to. */
  readonly from: string;
}

/** Tells of one change, and of which row where the consumer has read that. */
export type Heard = (id: number | null) => void;

/** Something that hears of changes, in a process of its own. */
export interface Consumer {
  /** Resolves when every change that is committed from now on will be heard of. */
  open(options: ConsumerOptions, heard: Heard): Promise<void>;
  /** Before a round. */
  prepare?(wanted: Wanted): Promise<void>;
  /** After a round. @throws Error where something else than the changes themselves was not as it should be */
  verify?(): void;
  /** Leaves nothing behind on the server. */
  close(): Promise<void>;
}

/** What a round is about. */
export interface Wanted {
  /** The rows that will change are this one and those after it. */
  readonly first: number;
  readonly changes: number;
  /** Whether to note when each change comes, which costs as much as some of what is measured. */
  readonly timed: boolean;
}

/** The modules of consumers: the package's own, and those of `bench/peers`. Each exports `consumers`. */
export type ConsumerModule = { readonly consumers: Readonly<Record<string, () => Consumer>> };

export type Request =
  | { readonly do: 'open'; readonly module: string; readonly kind: string; readonly options: ConsumerOptions }
  | { readonly do: 'arm'; readonly wanted: Wanted }
  | { readonly do: 'close' };

export type Answer =
  | { readonly did: 'open' | 'arm' | 'close' }
  | ({ readonly did: 'hear' } & Hearing)
  | { readonly did: 'fail'; readonly message: string };

/** What a consumer has heard in one round. */
export interface Hearing {
  /** When the last change came, in nanoseconds of the monotonic clock that all processes share. */
  readonly lastAt: number;
  /** Processor time of the consumer, from being armed to the last change. */
  readonly cpuMs: number;
  /** When each change came, by its row, if that was wanted; 0 where it did not. */
  readonly at: Float64Array;
}

/** Nanoseconds of the system's monotonic clock: the same in every process. */
export function now(): number {
  return Number(process.hrtime.bigint());
}
