import type { Clock } from '../clock.js';

/** One deadline at a time: while it runs, another is not begun. */
export class Timer {
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(ms: number, action: () => void): void {
    this.#cancel ??= this.#clock.after(ms, () => {
      this.#cancel = undefined;
      action();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
