import { Socket, type SocketConstructorOpts } from 'node:net';
import type { DuplexOptions } from 'node:stream';

/**
 * A socket that is not read any more from the moment when it is paused. Others go on until they hold 16 kB, and wake the
 * process for every packet of it.
 */
export function promptSocket(): Socket {
  const options: SocketConstructorOpts & DuplexOptions = { readableHighWaterMark: 1 };
  return new Socket(options);
}
