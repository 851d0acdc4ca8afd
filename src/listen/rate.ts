/** How many changes come a second, for a line that is written anew every second while they do. */
export class Rate {
  readonly #show: (line: string) => void;
  #total = 0;
  #shown = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param show takes the line; called about once a second, and once more when nothing came for one */
  constructor(show: (line: string) => void) {
    this.#show = show;
  }

  /** A change has come. */
  count(): void {
    this.#total += 1;
    this.#timer ??= setInterval(() => this.#tick(), 1000);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const changes = this.#total - this.#shown;
    this.#shown = this.#total;
    this.#show(rateLine(changes, this.#total));
    if (changes === 0) this.stop();
  }
}

/** @param perSecond of the last second */
export function rateLine(perSecond: number, total: number): string {
  return `${grouped(perSecond)} changes/s, ${grouped(total)} in all`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
