import { stripVTControlCharacters } from 'node:util';

const ELLIPSIS = '…';
// As terminals mostly draw them: two columns wide.
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const NO_WIDTH = /^\p{Mark}/u;
// Select Graphic Rendition, the only escape sequence that we write into a line (ECMA-48, 8.3.117).
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with ESC
const PIECES = /\u001b\[[0-9;]*m|./gsu;

/** How many columns of a terminal a text takes. Colours take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += widthOfOne(character);
  return width;
}

/** The text in as many columns, filled up with spaces. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** The text cut to as many columns, with an ellipsis for what is left out. Colours are ended. */
export function truncated(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const room = columns - 1;
  let fitted = '';
  let width = 0;
  let colored = false;
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece.startsWith('\u001b')) {
      colored = true;
      fitted += piece;
      continue;
    }
    if (width + widthOfOne(piece) > room) break;
    width += widthOfOne(piece);
    fitted += piece;
  }
  return `${fitted}${columns > 0 ? ELLIPSIS : ''}${colored ? '\u001b[0m' : ''}`;
}

function widthOfOne(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
