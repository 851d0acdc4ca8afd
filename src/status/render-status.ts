import type { Colors } from 'picocolors/types.js';
import { printable } from '../terminal/printable.js';
import { tableLines } from '../terminal/table.js';
import { sizeText } from './size.js';
import type { ConnectionStatus, PublicationStatus, SlotStatus, Status, TriggersStatus } from './status.js';

/** More of a kind are counted, so that it stays one screen. */
const MOST_ROWS = 20;
const UNSEEN = 'not to be seen by this role';

/** A status as lines for people. What comes from the database is printable in them. */
export function renderStatus(status: Status, colors: Colors): string[] {
  const { server } = status;
  const kind = server.standby ? 'standby' : 'primary';
  const section = (title: string, body: readonly string[]) => [
    '',
    colors.bold(title),
    ...body.map((line) => `  ${line}`),
  ];
  const limit = server.slot_limit_bytes;
  return [
    `PostgreSQL ${printable(server.version)}, ${kind}, database ${printable(server.database)}, ` +
      `role ${printable(server.role)}, wal_level ${printable(server.wal_level)}`,
    ...section(`Triggers, for mode notify${functionNote(status)}`, triggerLines(status.triggers, colors)),
    ...section('Publications, for mode replication', publicationLines(status.publications)),
    ...section(
      `Replication slots (WAL is kept ${limit === null ? 'without limit' : `up to ${sizeText(limit)}`})`,
      slotLines(status.slots, colors),
    ),
    ...section('Connections of sources', connectionLines(status.connections)),
    ...section('Notification queue', [queueText(status.notificationQueue)]),
    ...(status.unseen.length === 0 ? [] : section('Not to be seen', status.unseen.map(printable))),
  ];
}

function functionNote({ triggerFunction }: Status): string {
  return triggerFunction === 'different' ? ' (the function is of another version: install again)' : '';
}

function triggerLines(triggers: readonly TriggersStatus[] | null, colors: Colors): string[] {
  return listed(triggers, 'none', ['table', 'level', 'key', 'channel', ''], (each) => {
    const notes = [
      each.tables > 1 ? `${each.tables} tables of the tree` : '',
      each.always ? 'always' : '',
      each.ordinary ? colors.red('installed with --always, and ordinary now: install again') : '',
      each.complete ? '' : colors.red('incomplete: install again'),
    ];
    return [
      printable(each.name),
      printable(each.level),
      printable(each.key.join(', ')),
      printable(each.channel),
      notes.filter(Boolean).join(', '),
    ];
  });
}

function publicationLines(publications: readonly PublicationStatus[] | null): string[] {
  return listed(publications, 'none', ['publication', 'of', 'tells', 'tables'], (each) => [
    printable(each.name),
    each.ours ? 'pgcachewatch' : 'others',
    each.operations,
    each.all_tables ? 'all tables' : tablesText(each.tables),
  ]);
}

function tablesText(tables: readonly string[]): string {
  const shown = tables.slice(0, 5).map(printable).join(', ');
  return tables.length > 5 ? `${tables.length}: ${shown}, …` : shown || 'none';
}

function slotLines(slots: readonly SlotStatus[] | null, colors: Colors): string[] {
  return listed(slots, 'none', ['slot', 'kind', 'lag', 'WAL kept', 'state', 'read by'], (slot) => [
    printable(slot.name),
    slot.temporary ? 'temporary' : slot.synced ? 'synchronised' : 'durable',
    slot.lag_bytes === null ? '-' : sizeText(slot.lag_bytes),
    slot.held_bytes === null ? '-' : sizeText(slot.held_bytes),
    walText(slot, colors),
    readerText(slot, colors),
  ]);
}

function walText({ wal_status, safe_bytes, invalidation_reason }: SlotStatus, colors: Colors): string {
  if (wal_status === 'lost')
    return colors.red(`lost${invalidation_reason ? `: ${invalidation_reason}` : ''}`);
  if (wal_status === 'reserved') return wal_status;
  const left = safe_bytes === null ? '' : `, ${sizeText(safe_bytes)} to go`;
  return colors.yellow(`${wal_status ?? 'unknown'}${left}`);
}

function readerText(slot: SlotStatus, colors: Colors): string {
  if (slot.pid !== null) {
    const what = slot.application ? printable(slot.application) : 'an application without a name';
    return `${what}, ${processText(slot.pid, slot.role, slot.address)}`;
  }
  const since = slot.inactive_since === null ? '' : ` since ${slot.inactive_since.toISOString()}`;
  const whose = slot.ours ? '' : ' (perhaps not of pgcachewatch)';
  return colors.yellow(`nobody${since}${whose}`);
}

function connectionLines(connections: readonly ConnectionStatus[] | null): string[] {
  return listed(connections, 'none by that name', ['application', 'process', 'since'], (each) => [
    printable(each.application),
    processText(each.pid, each.role, each.address),
    each.since?.toISOString() ?? UNSEEN,
  ]);
}

function processText(pid: number, role: string | null, address: string | null): string {
  const who = role === null ? '' : ` of ${printable(role)}`;
  return `process ${pid}${who}${address === null ? '' : ` from ${printable(address)}`}`;
}

function queueText(usage: number | null): string {
  return usage === null ? UNSEEN : `${(usage * 100).toFixed(usage > 0 && usage < 0.1 ? 2 : 0)} % in use`;
}

/** A table of what there is, or a word for why there is none. */
function listed<T>(
  items: readonly T[] | null,
  none: string,
  header: readonly string[],
  cells: (item: T) => readonly string[],
): string[] {
  if (items === null) return [UNSEEN];
  if (items.length === 0) return [none];
  const lines = tableLines([header, ...items.slice(0, MOST_ROWS).map(cells)]);
  const more = items.length - MOST_ROWS;
  return more > 0 ? [...lines, `and ${more} more, which --json tells`] : lines;
}
