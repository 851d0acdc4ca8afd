import { Command } from 'commander';
import type { Io } from './io.js';
export function completionCommand(_io: Io): Command {
  return new Command('completion');
}
