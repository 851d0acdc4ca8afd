import colors from 'picocolors';
import type { BurstResult } from './burst.js';
import type { Read, ScenarioEvent } from './scenario.js';

const LABEL_WIDTH = 9;
const NAME_WIDTH = 13;

/** How the demo looks on a screen; it decides nothing. */
export class Timeline {
  readonly #print: (line: string) => void;
  #hits = 0;
  #misses = 0;
  #dropped = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  title(text: string): void {
    this.#print(`\n${colors.bold(text)}`);
  }

  line(label: string, text: string): void {
    this.#print(`  ${colors.dim(label.padEnd(LABEL_WIDTH))} ${text}`);
  }

  /** For {@link runScenario} to report to. */
  readonly event = (event: ScenarioEvent): void => {
    switch (event.kind) {
      case 'write':
        this.#dropped = 0;
        this.title(event.write.title);
        for (const statement of event.write.statements) this.line('write', colors.cyan(statement));
        return;
      case 'drop':
        this.#dropped += 1;
        return this.line(
          'dropped',
          `${colors.yellow(event.name.padEnd(NAME_WIDTH))} ${milliseconds(event.afterMs)} after commit`,
        );
      case 'kept':
        if (this.#dropped === 0) this.line('dropped', 'nothing');
        return this.line('kept', event.names.join(', '));
      case 'reads':
        return this.#reads(event.reads);
      case 'problem':
        return this.#print(`  ${colors.red(`WRONG: ${event.text}`)}`);
    }
  };

  burst({ times, stale, dropMs }: BurstResult): void {
    const median = dropMs[Math.floor(dropMs.length / 2)];
    const most = dropMs.at(-1);
    this.line('dropped', `${dropMs.length} times of ${times}`);
    if (median !== undefined && most !== undefined) {
      this.line('after', `${milliseconds(median)} in the median, ${milliseconds(most)} at most`);
    }
    this.line('stale', stale === 0 ? 'never' : colors.red(`${stale} times`));
  }

  verdict(problems: readonly string[], seconds: number): void {
    this.title(problems.length === 0 ? 'All as it should be' : 'Not as it should be');
    this.line('reads', `${this.#hits} hits, ${this.#misses} misses, each compared with the database`);
    for (const problem of problems) this.line('wrong', colors.red(problem));
    this.line('took', `${seconds.toFixed(1)} s; the server and its files are gone`);
  }

  #reads(reads: readonly Read[]): void {
    const hits = reads.filter((read) => read.outcome === 'hit');
    const misses = reads.filter((read) => read.outcome === 'miss');
    this.#hits += hits.length;
    this.#misses += misses.length;
    for (const { name, value } of misses) {
      this.line('miss', `${name.padEnd(NAME_WIDTH)} loads ${colors.green(JSON.stringify(value))}`);
    }
    if (hits.length > 0) this.line('hit', hits.map((read) => read.name).join(', '));
  }
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
