/** What has changed: a row, or the table. */
export type Change = { readonly row: number } | 'table';

/** What the values depend on: each on its own row, or all of them on the table. */
export type By = 'row' | 'table';

/** A cache that forgets what a change concerns: by a dependency, or by a tag. */
export interface TagCache {
  get(id: number): Promise<number | undefined>;
  /** Makes ready all that is not the drop itself; what it returns drops. */
  prepare(change: Change): () => unknown;
  /** How many entries it says it has, where it says. */
  readonly size?: number;
}

/** Every module of `bench/peers` for `drops` exports one as `tagCaches`. */
export interface TagCaches {
  readonly name: string;
  /** It may drop more than it was told to: then only what it did not drop counts as wrong. */
  readonly dropsMore?: boolean;
  make(size: number, by: By, load: (id: number) => Promise<number>): TagCache;
}

/** Names and modules of those that are not ours. */
export const peerTagCaches = {
  'bentocache, by tag': 'bentocache',
  'async-cache-dedupe, by reference': 'async-cache-dedupe',
};
