/** As much as Node's own pool of buffers takes at once: a row that is kept for long keeps no more than that. */
const SIZE = 8 * 1024;
/** Larger ones are kept by themselves. */
const LARGE = SIZE / 4;
/** So few bytes are sooner copied one by one. */
const FEW = 64;

/** Longer texts than that are not held on to by whoever reads them. */
const LONGEST_KEPT = 1024 * 1024;

/** A copy: bytes in a buffer, or a text of which each character is a byte. */
export interface Copy {
  content: Buffer | string;
  /** Where it begins. */
  start: number;
}

/** Puts small copies of bytes side by side: a buffer for each would take longer to make than to fill. */
export class Slab {
  #buffer: Buffer = Buffer.allocUnsafeSlow(SIZE);
  #used = 0;
  /** The same for every copy: it is looked at once, and at once. */
  readonly #copy: Copy = { content: this.#buffer, start: 0 };

  /** Returns where the copy is; the object is good until the next one. */
  copy(from: Buffer, start: number, end: number): Readonly<Copy> {
    const length = end - start;
    if (length > LARGE) {
      // Buffers live outside of the heap, and some megabytes of them make V8 collect all of its garbage, again and
      // again; a text is garbage like any other, and most have been told before it is collected.
      this.#copy.content = from.toString('latin1', start, end);
      this.#copy.start = 0;
      return this.#copy;
    }
    if (this.#used + length > SIZE) {
      this.#buffer = Buffer.allocUnsafeSlow(SIZE);
      this.#used = 0;
    }
    const buffer = this.#buffer;
    const at = this.#used;
    this.#used += length;
    if (length > FEW) from.copy(buffer, at, start, end);
    else for (let i = 0; i < length; i++) buffer[at + i] = from[start + i] ?? 0;
    this.#copy.content = buffer;
    this.#copy.start = at;
    return this.#copy;
  }
}

let readable: Buffer = Buffer.allocUnsafeSlow(SIZE);

/** The bytes of a copy, which begin where it says. They are good until the next call. */
export function bytesOf(content: Buffer | string): Buffer {
  if (typeof content !== 'string') return content;
  if (content.length > LONGEST_KEPT) return Buffer.from(content, 'latin1');
  if (content.length > readable.length) readable = Buffer.allocUnsafeSlow(2 * content.length);
  readable.write(content, 'latin1');
  return readable;
}
