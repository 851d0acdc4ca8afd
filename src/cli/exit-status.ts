/** Thrown by a command to end with a status of its own. */
export class ExitStatus extends Error {
  readonly status: number;

  /** @param cause what is still to be said; `undefined`: all was */
  constructor(status: number, cause?: unknown) {
    super(`exit status ${status}`, { cause });
    this.status = status;
  }
}
