import type { ExistingTrigger } from './existing-trigger.js';
import type { TreeMember } from './table-trees.js';
import { type TriggerArguments, type TriggerSettings, triggerArguments, triggerSteps } from './triggers.js';

/** What there is of triggers on a tree, and what will become of it, in one line. */
export function triggerFinding(members: readonly TreeMember[], settings: TriggerSettings): string {
  const [root] = members;
  if (root === undefined) return '';
  const parts = members.length - 1;
  const name = parts === 0 ? root.name : `${root.name} and its ${parts} ${parts === 1 ? 'part' : 'parts'}`;
  const wanted = triggerArguments(root, settings);
  const bare = members.filter(({ triggers }) => triggers.length === 0);
  const changing = members.filter((member) => triggerSteps(member, settings).length > 0);
  if (changing.length === 0) {
    return `${name}: has triggers of this version, ${described(wanted)}; nothing to change`;
  }
  if (bare.length === members.length) return `${name}: has no triggers; made, ${described(wanted)}`;
  const some = changing.length < members.length ? ` on ${changing.map((each) => each.name).join(', ')}` : '';
  const old = changing.filter(({ triggers }) => triggers.length > 0);
  if (old.length === 0) return `${name}: has no triggers${some}; made, ${described(wanted)}`;
  const why = new Set(old.flatMap((member) => reasons(member, triggerArguments(member, settings))));
  return `${name}: has triggers ${[...why].join(', ')}${some}; replaced, ${described(wanted)}`;
}

function described({ level, key }: TriggerArguments): string {
  return level === 'table' || key === '{}' ? `level ${level}` : `level ${level}, key ${columns(key)}`;
}

/** What is not as it should be with them; where it is nothing that can be named, the version. */
function reasons({ triggers }: TreeMember, wanted: TriggerArguments): string[] {
  const found = triggers.flatMap((trigger) => readArguments(trigger) ?? []);
  const differing = (field: keyof TriggerArguments, word: string, write = (value: string) => value) =>
    [...new Set(found.map((args) => args[field]).filter((value) => value !== wanted[field]))].map(
      (value) => `${word} ${write(value)}`,
    );
  const why = [
    ...differing('level', 'of level'),
    ...differing('key', 'for the key', columns),
    ...differing('channel', 'for the channel'),
    ...differing('max_rows', 'for statements of at most', (rows) => `${rows} rows`),
  ];
  return why.length > 0 && found.length === triggers.length
    ? why
    : [...why, 'of an older version or altered'];
}

function readArguments(trigger: ExistingTrigger): Readonly<Record<keyof TriggerArguments, string>> | null {
  const parts = Buffer.from(trigger.arguments, 'hex').toString('utf8').split('\0');
  const [level, key, channel, max_rows, end] = parts;
  if (level === undefined || key === undefined || channel === undefined || max_rows === undefined)
    return null;
  return end === '' && parts.length === 5 ? { level, key, channel, max_rows } : null;
}

/** `{id,"Odd Name"}` as `(id, "Odd Name")`. */
function columns(key: string): string {
  return key === '{}' ? 'none' : `(${key.slice(1, -1)})`;
}
