/** One line on a terminal that says what is going on; elsewhere, nothing. */
export class Progress {
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(text: string): void {
    if (!this.#out.isTTY) return;
    this.#out.write(`\r\u001b[K${text.slice(0, this.#out.columns - 1)}`);
  }

  clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K');
  }
}
