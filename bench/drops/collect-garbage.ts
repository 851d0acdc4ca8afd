import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc: (options?: { type: 'minor' }) => void = runInNewContext('gc');

/** Everything that can go. */
export function collectAll(): void {
  // Twice: the first may leave what finalisers hold.
  gc();
  gc();
}

/** What was made lately: what of it is still in use is moved, which is not to happen while something is timed. */
export function collectYoung(): void {
  gc({ type: 'minor' });
}
