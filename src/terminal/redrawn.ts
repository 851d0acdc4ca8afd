import type { Screen } from './screen.js';
import { truncated } from './width.js';

// ECMA-48: Cursor Position, Erase in Line to its end, Erase in Display all and to the end.
const HOME = '\u001b[H';
const ERASE_LINE = '\u001b[K';
const ERASE_ALL = '\u001b[2J';
const ERASE_BELOW = '\u001b[J';

/** Lines that fill a terminal from its top, and take the place of those before. What does not fit is cut. */
export class Redrawn {
  readonly #write: (text: string) => void;
  readonly #screen: Screen;
  #drawn = false;

  constructor(write: (text: string) => void, screen: Screen) {
    this.#write = write;
    this.#screen = screen;
  }

  show(lines: readonly string[]): void {
    const { columns, rows } = this.#screen;
    // The last row is the cursor's.
    const room = Math.max(1, rows - 1);
    const shown =
      lines.length <= room
        ? lines
        : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines do not fit`];
    const text = shown.map((line) => `${truncated(line, columns)}${ERASE_LINE}\n`).join('');
    // Over what is there, and not on an empty screen: that would flicker.
    this.#write(`${HOME}${this.#drawn ? '' : ERASE_ALL}${text}${ERASE_BELOW}`);
    this.#drawn = true;
  }
}
