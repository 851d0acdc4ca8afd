import type { Client } from 'pg';
import { AwaitedAnswer } from '../awaited-answer.js';
import type { Pausable } from '../brake.js';
import type { OneAtATime } from '../one-at-a-time.js';
import { type PaceOptions, ReadingPace } from '../reading-pace.js';

export interface RoundTripOptions {
  readonly questions: OneAtATime;
  readonly silenceLimitMs: number;
  /** What stops and starts the reading of the client's socket. */
  readonly socket: Pausable;
  /** The server has answered. Called while the answer is parsed, before what follows it. */
  readonly onAnswer: () => void;
  readonly onError: (error: Error) => void;
}

/** Beginning with 1,750 questions a second. 180 bytes are about a notification. */
const PACE: PaceOptions = { reads: 14, withinMs: 8, busyBytesPerMs: 180, settledBy: 'call' };

/** Empty queries: what the server had to say before has come by the time it answers. One at a time serves all. */
export class RoundTrips {
  readonly #client: Client;
  readonly #options: RoundTripOptions;
  readonly #answer: AwaitedAnswer;
  readonly #pace: ReadingPace;
  /** What has come since the last answer. */
  #bytes = 0;
  #stopped = false;

  constructor(client: Client, options: RoundTripOptions) {
    this.#client = client;
    this.#options = options;
    this.#answer = new AwaitedAnswer(options.silenceLimitMs);
    this.#pace = new ReadingPace(options.socket, PACE);
    client.connection.stream.prependListener('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
    });
  }

  /** Whether an answer is late, and with it all that is heard. */
  get isOverdue(): boolean {
    return this.#answer.isOverdue;
  }

  /** Unless an answer is on its way. */
  ask(): void {
    if (this.#answer.isAwaited || this.#stopped) return;
    this.#answer.asked();
    void this.#options.questions.run(() => this.#make());
  }

  /** Nothing more is asked, or told of. */
  stop(): void {
    this.#stopped = true;
  }

  #make(): Promise<void> {
    const { onAnswer, onError } = this.#options;
    // The callback runs while the answer is parsed, before a notification that follows it: a promise's
    // continuation would run after that, and end a transaction of which only the first part has come.
    return new Promise((resolve) => {
      this.#client.query('', (error: Error | null) => {
        resolve();
        this.#answer.came();
        if (this.#stopped) return;
        if (error) return onError(error);
        onAnswer();
        // Now, and not before: as long as the socket is left alone, no answer comes.
        this.#pace.taken(this.#bytes);
        this.#bytes = 0;
      });
    });
  }
}
