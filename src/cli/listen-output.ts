import pc from 'picocolors';
import type { ChangeEvent } from '../changes/change-event.js';
import type { Gap } from '../changes/gap.js';
import { PgCacheWatchError } from '../errors.js';
import { changeLine } from '../listen/change-line.js';
import type { Listening } from '../listen/listen.js';
import { Rate } from '../listen/rate.js';
import type { ChangeSource, SourceMode, SourceState } from '../sources/change-source.js';
import { BottomLine } from '../terminal/bottom-line.js';
import { jsonLine } from '../terminal/json-line.js';
import { printable } from '../terminal/printable.js';
import { sqlName } from '../terminal/sql-name.js';
import type { Io } from './io.js';

/** What waits for a slow reader of ours is held up to here. It must not hold up the database. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const MOST_NAMES = 5;

/** How `listen` looks: changes on `out`, all else on `err`. */
export class ListenOutput implements Listening {
  readonly #io: Io;
  readonly #json: boolean;
  readonly #colors: ReturnType<typeof pc.createColors>;
  readonly #rate: Rate | null;
  readonly #bottom: BottomLine | null;
  #mode: SourceMode | null = null;
  #left = 0;

  constructor(io: Io, { json, rate }: { readonly json: boolean; readonly rate: boolean }) {
    this.#io = io;
    this.#json = json;
    this.#colors = pc.createColors(io.colors);
    this.#bottom = io.errScreen && new BottomLine(io.err, io.errScreen);
    const show = (line: string) => (this.#bottom ? this.#bottom.show(line) : io.err(`rate: ${line}\n`));
    this.#rate = rate || this.#bottom ? new Rate(show) : null;
  }

  change(change: ChangeEvent): void {
    this.#rate?.count();
    if (this.#io.waiting() > MOST_WAITING_BYTES) {
      if (this.#left === 0) this.#say('warning: the output is not read fast enough: changes are left out');
      this.#left += 1;
      return;
    }
    this.#tellLeft();
    this.#above(() => this.#io.out(`${this.#json ? jsonLine(change) : changeLine(change, this.#colors)}\n`));
  }

  gap({ reason, detail }: Gap): void {
    this.#say(`gap: changes may have been missed: ${reason}: ${detail}`);
  }

  state(state: SourceState, source: ChangeSource): void {
    if (state === 'interrupted') this.#say('interrupted: the connection is lost, and opened anew');
    if (state !== 'live') return;
    this.#say(`live: by ${source.mode}, ${tablesOf(source)}`);
    if (source.mode === this.#mode) return;
    this.#mode = source.mode;
    for (const { mode, met, message, remedy } of source.reasons) {
      if (mode !== source.mode && !met) this.#say(`note: not by ${mode}: ${message}; ${remedy}`);
    }
  }

  error(error: Error): void {
    this.#say(`error: ${error.message}`);
    if (error instanceof PgCacheWatchError && error.remedy !== null) this.#say(`remedy: ${error.remedy}`);
  }

  /** A durable slot outlives the command. */
  slotStays(slot: string): void {
    this.#say(
      `note: the slot ${slot} stays, and keeps WAL until somebody reads it; to drop it, run: pgcachewatch uninstall --mode replication --slot ${slot} --commit`,
    );
  }

  end(): void {
    this.#rate?.stop();
    this.#bottom?.erase();
    this.#tellLeft();
  }

  #tellLeft(): void {
    const left = this.#left;
    this.#left = 0;
    if (left > 0) this.#say(`warning: ${left} changes were left out`);
  }

  #say(line: string): void {
    this.#above(() => this.#io.err(`${printable(line.replace(/\s*[\r\n]+\s*/g, ' '))}\n`));
  }

  #above(write: () => void): void {
    if (this.#bottom) this.#bottom.above(write);
    else write();
  }
}

function tablesOf({ watched }: ChangeSource): string {
  const names = [...watched].map(({ schema, table }) => sqlName(schema, table));
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return more > 0 ? `${names.length} tables: ${shown} and ${more} more` : shown;
}
