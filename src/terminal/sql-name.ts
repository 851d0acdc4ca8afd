import { escapeIdentifier } from 'pg';
import { printable } from './printable.js';

const PLAIN = /^[a-z_][a-z0-9_$]*$/;

/** A name from the catalog as SQL reads it, for people to see: quoted where it needs it, and printable. */
export function sqlName(...names: readonly string[]): string {
  return names.map((name) => printable(PLAIN.test(name) ? name : escapeIdentifier(name))).join('.');
}
