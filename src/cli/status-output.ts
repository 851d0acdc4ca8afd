import pc from 'picocolors';
import { renderStatus } from '../status/render-status.js';
import type { Status } from '../status/status.js';
import { jsonLine } from '../terminal/json-line.js';
import { printable } from '../terminal/printable.js';
import { Redrawn } from '../terminal/redrawn.js';
import type { Io } from './io.js';

/** How `status` looks: once, or again and again. */
export class StatusOutput {
  readonly #io: Io;
  readonly #json: boolean;
  readonly #colors: ReturnType<typeof pc.createColors>;
  readonly #screen: Redrawn | null;
  #last: readonly string[] = [];

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
    this.#colors = pc.createColors(io.colors);
    this.#screen = io.outScreen === null || json ? null : new Redrawn(io.out, io.outScreen);
  }

  once(status: Status): void {
    this.#io.out(this.#json ? `${jsonLine(status)}\n` : `${this.#lines(status).join('\n')}\n`);
  }

  /** One of many: in the place of the one before, or below it where there is no terminal. */
  next(status: Status): void {
    if (this.#json) return this.once(status);
    this.#last = [`At ${status.at.toISOString()}`, ...this.#lines(status)];
    if (this.#screen) this.#screen.show(this.#last);
    else this.#io.out(`${this.#last.join('\n')}\n\n`);
  }

  /** The server is away, and asked again. */
  failed(error: Error): void {
    const line = printable(`error: ${error.message}`);
    if (this.#screen) this.#screen.show([this.#colors.red(line), ...this.#last]);
    else this.#io.err(`${line}\n`);
  }

  #lines(status: Status): string[] {
    return renderStatus(status, this.#colors);
  }
}
