import { randomUUID } from 'node:crypto';
import type { LogicalMessage } from '../../changes/logical-message.js';
import type { CaughtUpOptions } from '../change-source.js';
import { Marks } from '../marks.js';
import type { Beside } from './beside.js';

/** The prefix of the messages that a source sends to itself. */
const PREFIX = 'pgcachewatch';

/** Marks that come the way of the changes: messages in the WAL, of which every source hears. */
export class OwnMarks {
  readonly #self = randomUUID();
  readonly #marks: Marks;

  constructor(beside: Beside) {
    this.#marks = new Marks((mark) => beside.sendMark(PREFIX, `${this.#self} ${mark}`));
  }

  /** Whether a message is one to this session. */
  isOwn(message: LogicalMessage): boolean {
    return this.#markOf(message) !== undefined;
  }

  /** Takes note of a message, where it is a mark. Returns whether it was one, of whichever source. */
  takes(message: LogicalMessage): boolean {
    const mark = this.#markOf(message);
    if (mark !== undefined) this.#marks.arrived(mark);
    return message.prefix === PREFIX;
  }

  reached(options: CaughtUpOptions): Promise<void> {
    return this.#marks.reached(options);
  }

  abandon(reason: unknown): void {
    this.#marks.abandon(reason);
  }

  #markOf({ prefix, content }: LogicalMessage): string | undefined {
    if (prefix !== PREFIX) return undefined;
    const [whose, mark] = content.toString().split(' ');
    return whose === this.#self ? mark : undefined;
  }
}
