import type { Remedy } from './finding.js';
import { withPlainIdentifiers } from './on-one-line.js';

/**
 * Statements that can be pasted.
 *
 * @param comments what to know before running them, such as who may
 */
export function bySql(statements: readonly string[], ...comments: readonly string[]): Remedy {
  const lines = [...comments.map((comment) => `-- ${comment}`), ...statements.map(withPlainIdentifiers)];
  return { remedy: lines.join('\n'), remedyKind: 'sql' };
}

/** A command of ours, to be pasted into a shell. */
export function byCommand(words: readonly string[]): Remedy {
  return { remedy: ['npx', 'pgcachewatch', ...words.map(shellWord)].join(' '), remedyKind: 'shell' };
}

export function inWords(text: string): Remedy {
  return { remedy: text, remedyKind: 'words' };
}

/** A word as a POSIX shell reads it; a line break in it would be lost when the line is indented. */
function shellWord(word: string): string {
  if (/^[\w./:=@%+-]+$/.test(word)) return word;
  if (/[\r\n\t]/.test(word)) return `$${quote(word.replaceAll('\\', '\\\\')).replace(/[\r\n\t]/g, escaped)}`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** For `$'…'`, where a backslash is one before the quote, too. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "\\'")}'`;
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
