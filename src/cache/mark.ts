import type { ChangeEvent } from '../changes/change-event.js';
import { RowChange } from '../changes/row-change.js';

/** What has concerned a group, and which of its entries were there by then. */
export class Mark {
  readonly upTo: number;
  #change: ChangeEvent;
  #isReleased = false;

  constructor(upTo: number, change: ChangeEvent) {
    this.upTo = upTo;
    this.#change = change;
  }

  /** As it was told. */
  get change(): ChangeEvent {
    return this.#change;
  }

  /** The change without its row images, and without the transaction's other changes: it can be kept. */
  release(): ChangeEvent {
    if (!this.#isReleased && this.#change instanceof RowChange) this.#change = this.#change.withoutImages();
    this.#isReleased = true;
    return this.#change;
  }
}
