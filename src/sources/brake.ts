/** As a socket can be. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Several have their reasons not to read a socket for a while: it is read again when none of them has one left. */
export class Brake {
  readonly #socket: Pausable;
  readonly #pressed = new Set<Pausable>();

  constructor(socket: Pausable) {
    this.#socket = socket;
  }

  /** For one of them, who knows nothing of the others. */
  pedal(): Pausable {
    const pedal: Pausable = {
      pause: () => {
        if (this.#pressed.size === 0) this.#socket.pause();
        this.#pressed.add(pedal);
      },
      resume: () => {
        if (this.#pressed.delete(pedal) && this.#pressed.size === 0) this.#socket.resume();
      },
    };
    return pedal;
  }
}
