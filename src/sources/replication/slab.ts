/** As much as Node's own pool of buffers takes at once: a row that is kept for long keeps no more than that. */
const SIZE = 8 * 1024;
/** Larger ones are kept by themselves. */
const LARGE = SIZE / 4;
/** So few bytes are sooner copied one by one. */
const FEW = 64;

/** Where a copy is, from `start` on. */
export interface Copy {
  buffer: Buffer;
  start: number;
}

/** Puts small copies of bytes side by side: a buffer for each would take longer to make than to fill. */
export class Slab {
  #buffer: Buffer = Buffer.allocUnsafeSlow(SIZE);
  #used = 0;
  /** The same for every copy: it is looked at once, and at once. */
  readonly #copy: Copy = { buffer: this.#buffer, start: 0 };

  /** Returns where the copy is; the object is good until the next one. */
  copy(from: Buffer, start: number, end: number): Readonly<Copy> {
    const length = end - start;
    if (length > LARGE) {
      this.#copy.buffer = Buffer.from(from.subarray(start, end));
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
    this.#copy.buffer = buffer;
    this.#copy.start = at;
    return this.#copy;
  }
}
