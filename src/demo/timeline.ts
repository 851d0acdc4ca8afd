import colors from 'picocolors';
import type { BurstResult } from './burst.js';
import type { Observed, Read, ScenarioEvent } from './scenario.js';

const LABEL_WIDTH = 9;
const NAME_WIDTH = 13;
const MODE_WIDTH = 12;

/** How the demo looks on a screen: what the observers made of each write, side by side. It decides nothing. */
export class Timeline {
  readonly #print: (line: string) => void;
  #hits = 0;
  #misses = 0;

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
        this.title(event.write.title);
        for (const statement of event.write.statements) this.line('write', colors.cyan(statement));
        return;
      case 'observed':
        this.#drops(event.observed);
        return this.#reads(event.observed);
      case 'problem':
        return this.#print(`  ${colors.red(`WRONG: ${event.text}`)}`);
    }
  };

  burst(results: readonly BurstResult[]): void {
    const row = (label: string, cell: (result: BurstResult) => string) =>
      this.line(label, results.map((each) => cell(each).padStart(MODE_WIDTH)).join('  '));
    row('', ({ mode }) => mode);
    row('dropped', ({ dropMs, times }) => `${dropMs.length} of ${times}`);
    row('median', ({ dropMs }) => milliseconds(dropMs[Math.floor(dropMs.length / 2)]));
    row('at most', ({ dropMs }) => milliseconds(dropMs.at(-1)));
    row('stale', ({ stale }) => (stale === 0 ? 'never' : `${stale} times`));
  }

  verdict(problems: readonly string[], seconds: number): void {
    this.title(problems.length === 0 ? 'All as it should be' : 'Not as it should be');
    this.line('reads', `${this.#hits} hits, ${this.#misses} misses, each compared with the database`);
    for (const problem of problems) this.line('wrong', colors.red(problem));
    this.line('took', `${seconds.toFixed(1)} s; the server and its files are gone`);
  }

  #drops(observed: readonly Observed[]): void {
    const names = new Set(observed.flatMap(({ dropped }) => [...dropped.keys()]));
    for (const name of names) {
      const cells = observed.map(({ mode, dropped }) => `${mode} ${milliseconds(dropped.get(name))}`);
      this.line('dropped', `${colors.yellow(name.padEnd(NAME_WIDTH))} after commit: ${cells.join(', ')}`);
    }
    const [kept] = observed.map((each) => each.kept.join(', '));
    if (kept && names.size === 0) this.line('dropped', 'nothing');
    if (kept) this.line('kept', kept);
  }

  /** Once, where all have read the same; where not, it is said who read it. */
  #reads(observed: readonly Observed[]): void {
    const said = new Map<string, { read: Read; modes: string[] }>();
    for (const { mode, reads } of observed) {
      for (const read of reads) {
        if (read.outcome === 'hit') this.#hits += 1;
        else this.#misses += 1;
        const key = JSON.stringify(read);
        const same = said.get(key) ?? { read, modes: [] };
        same.modes.push(mode);
        said.set(key, same);
      }
    }
    const hits: string[] = [];
    for (const { read, modes } of said.values()) {
      const who = modes.length === observed.length ? '' : ` (${modes.join(', ')})`;
      const name = read.name.padEnd(NAME_WIDTH);
      if (read.outcome === 'hit') hits.push(read.name + who);
      else this.line('miss', `${name} loads ${colors.green(JSON.stringify(read.value))}${who}`);
    }
    if (hits.length > 0) this.line('hit', hits.join(', '));
  }
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? 'never' : `${value.toFixed(1).padStart(5)} ms`;
}
