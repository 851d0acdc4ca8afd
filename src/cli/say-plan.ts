import type { Plan } from '../install/index.js';
import { printable } from '../terminal/printable.js';
import type { Io } from './io.js';

/** Says what is there, what will change and what that means, a line each, beside the result. */
export function sayPlan({ findings, locks, warnings, notes }: Plan, io: Io): void {
  const say = (word: string, texts: readonly string[]) => {
    // A table's name can hold anything.
    for (const text of texts) io.err(`${word}: ${printable(text)}\n`);
  };
  say('plan', findings);
  say('lock', locks);
  say('warning', warnings);
  say('note', notes);
}
