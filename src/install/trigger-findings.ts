import type { ExistingTrigger } from './existing-trigger.js';
import { OLDER_FUNCTIONS } from './trigger-functions.js';
import type { TriggeredTable } from './trigger-layout.js';
import { type TriggerArguments, type TriggerSettings, triggerArguments, triggerSteps } from './triggers.js';

/** What there is of triggers on a tree, and what will become of it, in one line. */
export function triggerFinding(members: readonly TriggeredTable[], settings: TriggerSettings): string {
  const [root] = members;
  if (root === undefined) return '';
  const parts = members.length - 1;
  const name = parts === 0 ? root.name : `${root.name} and its ${parts} ${parts === 1 ? 'part' : 'parts'}`;
  const wanted = triggerArguments(root, settings);
  const bare = members.filter(({ triggers }) => triggers.every(({ copy }) => copy));
  const changing = members.filter((member) => triggerSteps(member, settings).length > 0);
  if (changing.length === 0) {
    return `${name}: has triggers of this version, ${described(wanted)}; nothing to change`;
  }
  if (bare.length === members.length) return `${name}: has no triggers; made, ${described(wanted)}`;
  const some = changing.length < members.length ? ` on ${changing.map((each) => each.name).join(', ')}` : '';
  const old = changing.filter(({ triggers }) => triggers.some(({ copy }) => !copy));
  if (old.length === 0) return `${name}: has no triggers${some}; made, ${described(wanted)}`;
  const why = new Set(old.flatMap((member) => reasons(member, triggerArguments(member, settings))));
  return `${name}: has triggers ${[...why].join(', ')}${some}; replaced, ${described(wanted)}`;
}

function described({ level, key }: TriggerArguments): string {
  return level === 'table' || key === '{}' ? `level ${level}` : `level ${level}, key ${columns(key)}`;
}

/** What is not as it should be with them; where it is nothing that can be named, the version. */
function reasons({ triggers: all }: TriggeredTable, wanted: TriggerArguments): string[] {
  const triggers = all.filter(({ copy }) => !copy);
  const found = triggers.flatMap((trigger) => readArguments(trigger) ?? []);
  const differing = (field: keyof TriggerArguments, word: string, write = (value: string) => value) =>
    [...new Set(found.map((args) => args[field]).filter((value) => value !== wanted[field]))].map(
      (value) => `${word} ${write(value)}`,
    );
  const why = [
    ...differing('level', 'of level'),
    ...differing('key', 'for the key', columns),
    ...differing('channel', 'for the channel'),
    ...differing('max_rows', 'for transactions of at most', (rows) => `${rows} rows`),
    ...differing('fires', 'that fire', (fires) =>
      fires === 'always' ? 'always' : 'in sessions of origin only',
    ),
    ...(triggers.some(isOrdinaryNow) ? ['that were to fire always, and are ordinary ones now'] : []),
  ];
  return why.length > 0 && found.length === triggers.length
    ? why
    : [...why, 'of an older version or altered'];
}

/** `ALTER TABLE … ENABLE TRIGGER ALL` makes it one. */
export function isOrdinaryNow(trigger: ExistingTrigger): boolean {
  return trigger.plain && trigger.enabled === 'O' && readArguments(trigger)?.fires === 'always';
}

function readArguments(trigger: ExistingTrigger): TriggerArguments | null {
  const [level, key, channel, max_rows, fires] = Buffer.from(trigger.arguments, 'hex')
    .toString('utf8')
    .split('\0');
  if (level !== 'table' && level !== 'key' && level !== 'row') return null;
  if (key === undefined || channel === undefined || max_rows === undefined) return null;
  if (OLDER_FUNCTIONS.includes(trigger.function ?? '')) return null;
  return fires === 'always' || fires === 'origin' ? { level, key, channel, max_rows, fires } : null;
}

/** `{id,"Odd Name"}` as `(id, "Odd Name")`. */
function columns(key: string): string {
  return key === '{}' ? 'none' : `(${key.slice(1, -1)})`;
}
