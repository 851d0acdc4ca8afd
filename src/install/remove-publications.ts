import type { Client } from 'pg';
import { sql } from '../sql.js';
import { commentOn } from './comment-step.js';
import { defaultPublication } from './install-options.js';
import {
  type Publication,
  readOwnPublications,
  readPublication,
  readPublicationServer,
  readPublishedSchemas,
  readRowFilters,
} from './publication.js';
import { recreatePublication } from './publication-before.js';
import { type IdentityBefore, readComment } from './publication-comment.js';
import { checkWritersOf, dropEntry, ownership } from './publication-steps.js';
import type { Concerned, Removal } from './removal.js';
import { removeSlots } from './remove-slots.js';
import { resolveTable } from './resolve-tables.js';
import { type RestoredIdentities, restoreIdentities } from './restore-identities.js';
import type { Step } from './step.js';

export interface PublicationRemoval {
  readonly concerned: Concerned;
  /** `undefined`: every publication of ours. */
  readonly publication: string | undefined;
  /** Slots to drop beside those that bear our name. */
  readonly slots: readonly string[];
}

/**
 * Plans to take the tables out of our publications, to drop those that are empty by it, to put back the
 * replica identities that were changed for them and, once nothing is published any more, to drop our slots.
 */
export async function removePublications(
  client: Client,
  { concerned, publication, slots }: PublicationRemoval,
): Promise<Removal> {
  const own = await readOwnPublications(client);
  const chosen = publication === undefined ? own : own.filter(({ name }) => name === publication);
  const notes = await foreignNotes(client, publication);
  const removable = chosen.filter(({ owned }) => owned);
  for (const { owned, owner, quoted } of chosen) {
    if (!owned) notes.push(`The publication ${quoted} stays: ${owner} may alter it.`);
  }
  const each: Removed[] = [];
  for (const one of removable) each.push(await removeFrom(client, one, concerned, removable));
  const gone = each.filter(({ dropped }) => dropped).length;
  // As long as anything is published, somebody may come back to read it.
  const allGone = gone === own.length && (concerned === null || gone > 0);
  const slotRemoval = await removeSlots(client, slots, allGone);
  return {
    steps: each.flatMap(({ steps }) => steps),
    findings: [
      ...each.flatMap((removal) => removal.findings),
      ...slotRemoval.steps.map(({ purpose }) => `afterwards: ${purpose}`),
    ],
    notes: [
      ...notes,
      ...each.flatMap((removal) => removal.notes),
      ...slotRemoval.notes,
      ...slotRemoval.unread,
    ],
    afterwards: slotRemoval.steps,
    left: each.flatMap(({ left }) => left),
    found: own.length > 0 || slotRemoval.steps.length > 0 || slotRemoval.notes.length > 0,
  };
}

interface Removed extends Pick<Removal, 'steps' | 'findings' | 'notes' | 'left'> {
  readonly dropped: boolean;
}

async function removeFrom(
  client: Client,
  publication: Publication,
  concerned: Concerned,
  leavingTo: readonly Publication[],
): Promise<Removed> {
  const { name, quoted, entries, all_tables, comment } = publication;
  const kept = (note: string) => ({ steps: [], findings: [], notes: [note], left: [], dropped: false });
  if (all_tables && concerned !== null) {
    return kept(`The publication ${quoted} is of all tables: it can only be dropped as a whole.`);
  }
  const left = entries.filter(({ oid }) => concerned === null || concerned.has(oid));
  const dropped = left.length === entries.length;
  if (left.length === 0 && !dropped) return kept(staying(quoted, entries));

  const before = readComment(comment);
  const leaving: IdentityBefore[] = [];
  for (const each of before) {
    const oid = each.oid ?? (await resolveTable(client, each.table));
    if (dropped || concerned === null || (oid !== null && concerned.has(oid))) leaving.push(each);
  }
  const others = leavingTo.map((each) => each.name);
  const restored = await restoreIdentities(client, leaving, others);
  if (dropped) {
    const steps = [await dropPublication(client, publication), ...restored.steps, ...checkOf(restored)];
    const findings = [`publication ${quoted}: holds nothing else; dropped`, ...restored.findings];
    return { steps, findings, notes: restored.notes, left, dropped };
  }
  const needs = ownership(publication);
  const filters = await readRowFilters(client, publication);
  const steps = [...left.map((entry) => dropEntry(name, entry, filters, needs)), ...restored.steps];
  if (leaving.length > 0) {
    const remembered = before.filter((each) => !leaving.includes(each));
    steps.push(commentOn(name, remembered, comment, needs));
  }
  steps.push(...checkOf(restored));
  const rest = entries.filter((entry) => !left.includes(entry));
  const finding = `publication ${quoted}: exists, drops ${left.map((entry) => entry.name).join(', ')}`;
  const findings = [finding, ...restored.findings];
  return { steps, findings, notes: [...restored.notes, staying(quoted, rest)], left, dropped };
}

/** Another publication may have come to need the identity since the plan was made. */
function checkOf({ tables }: RestoredIdentities): Step[] {
  return tables.length === 0 ? [] : [checkWritersOf(tables)];
}

async function dropPublication(client: Client, publication: Publication): Promise<Step> {
  const { name, owner } = publication;
  const server = await readPublicationServer(client);
  const statement = recreatePublication(
    publication,
    await readRowFilters(client, publication),
    await readPublishedSchemas(client, publication, server),
  );
  return {
    purpose: `drop the publication ${name}`,
    needs: `Run it as ${owner}.`,
    statement: sql('replication/drop-publication.sql', { publication: name }).trim(),
    undo: { statement, lock: null, published: publication.entries.map((entry) => entry.name) },
    lock: null,
  };
}

function staying(quoted: string, entries: Publication['entries']): string {
  return `Still published by ${quoted}: ${entries.map(({ name }) => name).join(', ')}.`;
}

async function foreignNotes(client: Client, name: string | undefined): Promise<string[]> {
  const found = await readPublication(client, name ?? defaultPublication);
  if (found === null) return name === undefined ? [] : [`There is no publication ${name}.`];
  return found.ours ? [] : [`The publication ${found.quoted} stays: it is not of pgcachewatch.`];
}
