import { start } from './cli.js';
import type { TestDatabase } from './database.js';
import { until } from './until.js';

/** The name that the database has in the documentation. */
const DATABASE = 'shop';

/** A fenced block of a Markdown file. */
interface Block {
  /** What stands behind the fence, such as `console`. */
  readonly info: string;
  readonly body: string;
  /** Where the body begins in the text. */
  readonly at: number;
}

/**
 * Runs the commands of a Markdown file, in their order, and returns the text with what they have said.
 *
 * A block `console` begins with a command line, `$ pgcachewatch …`, and holds what it said: all of it, or the first
 * lines, as many as `console first 50` says. A block `sql` is run
 * before what comes after it; a block `sql meanwhile`, while the next command runs, once that says `live`. Any
 * other block is left as it is.
 *
 * Where a command says the same as before, but for what differs from run to run, the text stays as it is.
 */
export async function runDocumented(text: string, database: TestDatabase): Promise<string> {
  let result = '';
  let end = 0;
  let meanwhile = '';
  for (const { info, body, at } of blocksOf(text)) {
    if (info === 'sql') await database.query(body);
    if (info === 'sql meanwhile') meanwhile = body;
    const fence = /^console(?: first (\d+))?$/.exec(info);
    if (fence === null) continue;
    const [first = ''] = body.split('\n', 1);
    const said = await run(first, database, meanwhile);
    meanwhile = '';
    const now = `${first}\n${firstLines(said, fence[1]).replaceAll(database.name, DATABASE)}`;
    result += text.slice(end, at) + (masked(now) === masked(body) ? body : now);
    end = at + body.length;
  }
  return result + text.slice(end);
}

function firstLines(said: string, most: string | undefined): string {
  return most === undefined ? said : `${said.split('\n').slice(0, Number(most)).join('\n')}\n…\n`;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```([^\n]+)\n(.*?)^```$/gms)].map((match) => {
    const [, info = '', body = ''] = match;
    return { info, body, at: match.index + 3 + info.length + 1 };
  });
}

async function run(line: string, database: TestDatabase, meanwhile: string): Promise<string> {
  const [, command] = /^\$ pgcachewatch (.*)$/.exec(line) ?? [];
  if (command === undefined)
    throw new Error(`A block "console" begins with "$ pgcachewatch …", not with ${line}`);
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const running = start([...words(command), '--url', database.url], { out: write, err: write });
  if (meanwhile !== '') {
    await until(() => /^live:/m.test(said), `${line} says that it is live`);
    // One by one: each is a transaction of its own, as a person would type it.
    for (const statement of meanwhile.split(/;\n/).filter(Boolean)) await database.query(statement);
  }
  await running.ended;
  return said;
}

/** As a shell reads them, as far as quotes are concerned. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** What differs from run to run, or from server to server. The width of columns does. */
const VARYING: readonly [RegExp, string][] = [
  // From PostgreSQL 17 on.
  [/ since \d{4}-\S+/g, ''],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)/g, '<time>'],
  [/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '<time>'],
  [/-?\d+ ms\b/g, '<latency>'],
  [/"latencyMs":-?\d+/g, '<latency>'],
  [/"xid":\d+/g, '<xid>'],
  [/\b[0-9A-F]+\/[0-9A-F]{5,8}\b/g, '<lsn>'],
  [/\bprocess \d+( of \S+)?( from \S+)?/g, '<process>'],
  [/\bpgcachewatch_[0-9a-f]{16}\b/g, '<slot>'],
  [/\b\d+(\.\d)? (B|kB|MB|GB)\b/g, '<size>'],
  [/\bPostgreSQL \d+(\.\d+)?[^,\n]*/g, '<version>'],
  [/\b\d+(\.\d+)? % (in use|full)/g, '<share>'],
  [/\brole \w+/g, '<role>'],
  [/ {2,}/g, '  '],
];

function masked(text: string): string {
  return VARYING.reduce((rest, [pattern, name]) => rest.replace(pattern, name), text);
}
