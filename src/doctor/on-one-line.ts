const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
const QUOTED = /"(?:[^"]|"")+"/g;

/**
 * Writes identifiers that hold line breaks or other control characters as SQL's U&"…" (PostgreSQL
 * documentation, 4.1.2.3), so that a table's name can neither break a line nor speak to a terminal, and the
 * statement it is in still means that table.
 */
export function withPlainIdentifiers(text: string): string {
  return text.replace(QUOTED, (quoted) => {
    if (quoted.search(CONTROL) === -1) return quoted;
    return `U&${quoted.replaceAll('\\', '\\\\').replace(CONTROL, escaped)}`;
  });
}

/** The same, and whatever else would break the line becomes a space. */
export function onOneLine(text: string): string {
  return withPlainIdentifiers(text)
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(CONTROL, ' ');
}

function escaped(character: string): string {
  return `\\${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
