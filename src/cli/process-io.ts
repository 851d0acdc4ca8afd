import type { Screen } from '../terminal/screen.js';
import type { Io } from './io.js';

/**
 * The streams of this process. That a pipe's reader is gone (EPIPE) is the way it says "enough": it interrupts,
 * and is no error. It shows at the next write, not before.
 *
 * @param onBroken what to do about an output that fails in any other way, such as a full disk
 */
export function processIo(onBroken: (error: Error) => void): Io {
  const ending = new AbortController();
  const broken = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') onBroken(error);
    ending.abort();
  };
  process.stdout.on('error', broken);
  // Nobody is left to tell.
  process.stderr.on('error', () => {});
  return {
    out: (text) => write(process.stdout, text, broken),
    err: (text) => write(process.stderr, text, () => {}),
    colors: process.stdout.isTTY === true && process.stdout.hasColors(),
    outScreen: screenOf(process.stdout),
    errScreen: screenOf(process.stderr),
    waiting: () => process.stdout.writableLength,
    interruption: () => {
      // Once: the second Ctrl-C ends the process as if nobody had listened.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
      return ending.signal;
    },
  };
}

/** A file is written at once, and fails by throwing. */
function write(stream: NodeJS.WriteStream, text: string, failed: (error: Error) => void): void {
  try {
    if (stream.writable) stream.write(text);
  } catch (error) {
    failed(error instanceof Error ? error : new Error(String(error)));
  }
}

function screenOf(stream: NodeJS.WriteStream): Screen | null {
  if (stream.isTTY !== true) return null;
  return {
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}
