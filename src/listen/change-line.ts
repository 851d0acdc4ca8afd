import type { Colors } from 'picocolors/types.js';
import type { ChangeEvent, Operation, Values } from '../changes/change-event.js';
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

function keyOf(change: ChangeEvent): string {
  const { key, previousKey, operation } = change;
  if (key === null) return '(whole table)';
  const now = columns(key, (name) =>
    operation === 'delete' ? change.textBefore(name) : change.textAfter(name),
  );
  return previousKey === null
    ? now
    : `${now} (was ${columns(previousKey, (name) => change.textBefore(name))})`;
}

/** As Postgres writes the values, not as they are parsed. */
function columns(key: Values, textOf: (name: string) => string | null | undefined): string {
  return Object.keys(key)
    .map((name) => `${sqlName(name)}=${shownValue(textOf(name) ?? String(key[name]))}`)
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
