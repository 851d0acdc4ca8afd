import type { Plan } from '../install/index.js';
import type { Io } from './io.js';

/** Says what is there, what will change and what that means, a line each, beside the result. */
export function sayPlan({ findings, locks, warnings, notes }: Plan, io: Io): void {
  const say = (word: string, texts: readonly string[]) => {
    // A table's name can hold a line break.
    for (const text of texts) io.err(`${word}: ${text.replace(/[\r\n]+/g, ' ')}\n`);
  };
  say('plan', findings);
  say('lock', locks);
  say('warning', warnings);
  say('note', notes);
}
