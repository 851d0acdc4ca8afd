// Control characters (ESC and the 8-bit CSI among them), invisible and direction-changing characters (category
// Cf), line and paragraph separators, and halves of surrogate pairs.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A text that is one line and does nothing to a terminal: what could, is written as in JSON, such as `\u001b`.
 * So JSON without line breaks stays JSON of the same value.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    let escaped = '';
    for (let i = 0; i < character.length; i++) {
      escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }
    return escaped;
  });
}
