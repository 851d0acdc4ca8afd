import type { Random } from '../random.js';

/** Texts that have hurt programs before. */
export const NASTY: readonly [string, ...string[]] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e',
  '"',
  "'; drop table orders; --",
  '../../etc/passwd',
  'NaN',
  '-0',
  '1e999',
  '9007199254740993',
  '99999999999999999999999999',
  'x'.repeat(7_000),
];

const NASTY_VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -2147483649,
  2 ** 53 + 2,
  [],
  {},
  [[]],
  [null],
  ...NASTY,
];

/** A text that is nearly the one given. */
export function mutateText(text: string, random: Random): string {
  const kind = random.integer(0, 9);
  if (kind <= 5) return mutateJson(text, random);
  const at = random.integer(0, text.length);
  if (kind === 6) return text.slice(0, at);
  if (kind === 7) return text.slice(0, at) + random.pick(NASTY) + text.slice(at);
  if (kind === 8) return text.slice(0, at) + text.slice(at + random.integer(1, 5));
  const replaced = String.fromCharCode(random.integer(0, 0x2ff));
  return text.slice(0, at) + replaced + text.slice(at + 1);
}

/** With some of its values, or its names, replaced. */
function mutateJson(text: string, random: Random): string {
  const changed: unknown = JSON.parse(text, (_name, value: unknown) => {
    const chance = random.fraction();
    if (chance < 0.04) return random.pick(NASTY_VALUES);
    if (chance < 0.06 && Array.isArray(value)) return [...value, ...value];
    if (chance < 0.08 && Array.isArray(value)) return value.slice(1);
    if (chance < 0.1 && Array.isArray(value)) return nested(value, random.integer(1, 300));
    return value;
  });
  const json = JSON.stringify(changed) ?? 'null';
  // The names, as text: an object literal could not be given them.
  if (random.fraction() > 0.2) return json;
  const names = ['operation', 'table', 'schema', 'sent_at', 'xid', 'key', 'columns', 'rows'] as const;
  return json.replace(`"${random.pick(names)}"`, JSON.stringify(random.pick(NASTY)));
}

function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let i = 0; i < depth; i++) outer = [outer];
  return outer;
}

/** A message that is nearly the one given: of other lengths and counts, cut off, or of other bytes. */
export function mutateBytes(message: Buffer, random: Random): Buffer {
  let changed: Buffer = Buffer.from(message);
  for (let times = random.integer(1, 3); times > 0; times--) changed = mutateOnce(changed, random);
  return changed;
}

const NASTY_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const;

function mutateOnce(message: Buffer, random: Random): Buffer {
  if (message.length === 0) return Buffer.from([random.integer(0, 255)]);
  const at = random.integer(0, message.length - 1);
  switch (random.integer(0, 5)) {
    case 0:
      return message.subarray(0, at);
    case 1:
      return Buffer.concat([
        message.subarray(0, at),
        Buffer.from([random.integer(0, 255)]),
        message.subarray(at),
      ]);
    case 2:
      return Buffer.concat([message.subarray(0, at), message.subarray(at + 1)]);
    case 3:
      if (at + 4 <= message.length) message.writeUInt32BE(random.pick(NASTY_NUMBERS), at);
      return message;
    case 4:
      if (at + 2 <= message.length) message.writeUInt16BE(random.pick(NASTY_NUMBERS) & 0xffff, at);
      return message;
    default:
      message[at] = random.integer(0, 255);
      return message;
  }
}
