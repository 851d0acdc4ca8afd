import type { Operation } from '../../changes/change-event.js';
import type { Relation } from '../../changes/relation.js';
import type { KeyTexts, RawChange, Texts } from '../../changes/row-change.js';
import type { DescribedRelation } from './described-relation.js';
import type { Layout } from './layout.js';
import { type Tuples, tuplesOf } from './row-message.js';
import { bytesOf } from './slab.js';
import { readTuple } from './tuple.js';

interface Keys {
  readonly key: KeyTexts | null;
  readonly previousKey: KeyTexts | null;
}

/** A row message, read as far as it is looked at: the key without the other columns. */
export class RawRow implements RawChange {
  readonly operation: Operation;
  readonly #described: DescribedRelation;
  readonly #content: Buffer | string;
  readonly #start: number;
  #layout: Layout | undefined;
  #keys: Keys | undefined;

  /** @param content a copy of the message, which is whole, from `start` on */
  constructor(operation: Operation, described: DescribedRelation, content: Buffer | string, start: number) {
    this.operation = operation;
    this.#described = described;
    this.#content = content;
    this.#start = start;
  }

  get relation(): Relation {
    // Asked for while the transaction is still arriving: that settles nothing yet.
    return (this.#layout ?? this.#described.layout).relation;
  }

  get key(): KeyTexts | null {
    this.#keys ??= this.#readKeys();
    return this.#keys.key;
  }

  get previousKey(): KeyTexts | null {
    this.#keys ??= this.#readKeys();
    return this.#keys.previousKey;
  }

  get before(): Texts | null {
    const bytes = bytesOf(this.#content);
    const { before, isWholeBefore } = this.#tuples(bytes);
    return isWholeBefore ? this.#read(bytes, before, null) : null;
  }

  get after(): Texts | null {
    if (this.operation === 'delete') return null;
    const bytes = bytesOf(this.#content);
    const texts = this.#read(bytes, this.#tuples(bytes).after, null);
    // Under replica identity full, a TOAST value that did not change is in the image before.
    const { before } = this;
    return texts === null || before === null
      ? texts
      : before.map((text, i) => (texts[i] === undefined ? text : texts[i]));
  }

  /** Made up when it is first looked at, which is when the catalog that goes with the change has been read. */
  get #reading(): Layout {
    this.#layout ??= this.#described.layout;
    return this.#layout;
  }

  #readKeys(): Keys {
    const { keyPlaces, tellsKeyBefore, relation } = this.#reading;
    const none = { key: null, previousKey: null };
    if (keyPlaces === null || (this.operation !== 'insert' && !tellsKeyBefore)) return none;
    const bytes = bytesOf(this.#content);
    const tuples = this.#tuples(bytes);
    const read = (offset: number) => this.#read(bytes, offset, keyPlaces);
    const textsBefore = tuples.before < 0 ? [] : read(tuples.before);
    if (textsBefore === null) return none;
    const before = complete(textsBefore, relation.key.length);
    if (this.operation === 'delete') return { key: before, previousKey: null };
    const texts = read(tuples.after);
    if (texts === null) return none;
    // A key value in TOAST that did not change is not sent again: it is the one before, if that was sent.
    const after = complete(
      relation.key.map((_, i) => texts[i] ?? before?.[i]),
      relation.key.length,
    );
    if (after === null) return none;
    const altered = before?.some((text, i) => text !== after[i]) ?? false;
    return { key: after, previousKey: altered ? before : null };
  }

  #read(bytes: Buffer, offset: number, wanted: readonly number[] | null) {
    return readTuple(bytes, offset, wanted, this.#described.encoding);
  }

  #tuples(bytes: Buffer): Tuples {
    return tuplesOf(bytes, this.#start, this.#described.message.columns.length);
  }
}

/** The texts of a key, if every one of them is there. */
function complete(texts: readonly (string | null | undefined)[], length: number): KeyTexts | null {
  const key: string[] = [];
  for (let i = 0; i < length; i++) {
    const text = texts[i];
    if (text === null || text === undefined) return null;
    key.push(text);
  }
  return key;
}
