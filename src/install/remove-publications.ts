import type { Client } from 'pg';
import { defaultPublication } from './install-options.js';
import type { Step } from './plan.js';
import { type Publication, readOwnPublications, readPublication } from './publication.js';
import { readComment, writeComment } from './publication-comment.js';
import { commentOn, dropEntry, dropPublication, ownership } from './publication-steps.js';
import type { Removal } from './removal.js';
import { removeSlots } from './remove-slots.js';
import { restoreIdentities } from './restore-identities.js';

export interface PublicationRemoval {
  /** The oids of the tables to take out; `null`: all. */
  readonly concerned: ReadonlySet<number> | null;
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
    notes: [...notes, ...each.flatMap((removal) => removal.notes), ...slotRemoval.notes],
    afterwards: slotRemoval.steps,
    left: each.flatMap(({ left }) => left),
    found: own.length > 0 || slotRemoval.steps.length > 0 || slotRemoval.notes.length > 0,
  };
}

interface Removed {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
  readonly left: Removal['left'];
  readonly dropped: boolean;
}

async function removeFrom(
  client: Client,
  publication: Publication,
  concerned: ReadonlySet<number> | null,
  leavingTo: readonly Publication[],
): Promise<Removed> {
  const { name, quoted, entries, all_tables, comment } = publication;
  if (all_tables && concerned !== null) {
    const notes = [`The publication ${quoted} is of all tables: it can only be dropped as a whole.`];
    return { steps: [], notes, left: [], dropped: false };
  }
  const left = entries.filter(({ oid }) => concerned === null || concerned.has(oid));
  const dropped = left.length === entries.length;
  if (left.length === 0 && !dropped) return { steps: [], notes: [staying(quoted, entries)], left, dropped };

  const before = readComment(comment);
  const leaving = before.filter(({ oid }) => dropped || concerned === null || concerned.has(oid));
  const names = leavingTo.map((each) => each.name);
  const restored = await restoreIdentities(client, leaving, names);
  if (dropped) {
    return { steps: [dropPublication(publication), ...restored.steps], notes: restored.notes, left, dropped };
  }
  const needs = ownership(publication);
  const steps = [...left.map((entry) => dropEntry(name, entry, needs)), ...restored.steps];
  if (leaving.length > 0) {
    const kept = before.filter((each) => !leaving.includes(each));
    steps.push(commentOn(name, writeComment(kept), needs));
  }
  const rest = entries.filter((entry) => !left.includes(entry));
  return { steps, notes: [...restored.notes, staying(quoted, rest)], left, dropped };
}

function staying(quoted: string, entries: Publication['entries']): string {
  return `Still published by ${quoted}: ${entries.map(({ name }) => name).join(', ')}.`;
}

async function foreignNotes(client: Client, name: string | undefined): Promise<string[]> {
  const found = await readPublication(client, name ?? defaultPublication);
  if (found === null) return name === undefined ? [] : [`There is no publication ${name}.`];
  return found.ours ? [] : [`The publication ${found.quoted} stays: it is not of pgcachewatch.`];
}
