import type { Colors } from 'picocolors/types.js';
import type { ChangeEvent, Operation } from '../changes/change-event.js';
import { printable } from '../terminal/printable.js';
import { sqlName } from '../terminal/sql-name.js';
import { padded } from '../terminal/width.js';

const OPERATION_WIDTH = 8;
const TABLE_WIDTH = 20;
const KEY_WIDTH = 24;
/** A key can be long; one line cannot. */
const LONGEST_VALUE = 60;
const PLAIN_VALUE = /^[\p{L}\p{N}_.:+-]+$/u;

const COLOR_OF = {
  insert: 'green',
  update: 'yellow',
  delete: 'red',
  truncate: 'magenta',
} as const satisfies Record<Operation, keyof Colors>;

/** A change for people: the time by this machine's clock, operation, table, key and latency, in one line. */
export function changeLine(change: ChangeEvent, colors: Colors): string {
  const { operation, schema, table, receivedAt, latencyMs } = change;
  return [
    colors.dim(timeOfDay(receivedAt)),
    colors[COLOR_OF[operation]](operation.padEnd(OPERATION_WIDTH)),
    padded(sqlName(schema, table), TABLE_WIDTH),
    padded(keyOf(change), KEY_WIDTH),
    colors.dim(`${latencyMs} ms`),
  ].join('  ');
}

function keyOf({ keyText, previousKeyText }: ChangeEvent): string {
  if (keyText === null) return '(whole table)';
  const key = columns(keyText);
  return previousKeyText === null ? key : `${key} (was ${columns(previousKeyText)})`;
}

function columns(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${sqlName(name)}=${shownValue(value)}`)
    .join(' ');
}

function shownValue(text: string): string {
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
  return printable(PLAIN_VALUE.test(short.replace(/…$/, '')) ? short : JSON.stringify(short));
}

function timeOfDay(at: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}
