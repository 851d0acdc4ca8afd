import type { Screen } from './screen.js';
import { truncated } from './width.js';

// Erase in Line (ECMA-48, 8.3.41), from the beginning of the line.
const ERASE = '\r\u001b[K';

/** A line at the bottom of a terminal that is written anew in its place, below everything else. */
export class BottomLine {
  readonly #write: (text: string) => void;
  readonly #screen: Screen;
  #text = '';
  #drawn = false;

  constructor(write: (text: string) => void, screen: Screen) {
    this.#write = write;
    this.#screen = screen;
  }

  show(text: string): void {
    this.#text = text;
    this.#draw();
  }

  /** Writes something else, which ends with a line break: the line makes room, and comes back after it. */
  above(write: () => void): void {
    if (this.#drawn) {
      this.#write(ERASE);
      this.#drawn = false;
      // Once for all that is written in one turn.
      setImmediate(() => this.#draw());
    }
    write();
  }

  /** Leaves nothing of it. */
  erase(): void {
    if (this.#drawn) this.#write(ERASE);
    this.#drawn = false;
    this.#text = '';
  }

  #draw(): void {
    if (this.#text === '') return;
    // In the last column, a terminal would go on to the next line.
    this.#write(`${ERASE}${truncated(this.#text, this.#screen.columns - 1)}`);
    this.#drawn = true;
  }
}
