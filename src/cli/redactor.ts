import { redact } from '../sources/connection.js';

const WITH_PASSWORD = /^((?:--url=)?[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):.*@/is;

/**
 * What takes passwords out of a text: those of all connection strings, as far as a text tells where they end,
 * and exactly those in `given`, whatever characters they have.
 *
 * @param given arguments and settings that may be connection strings
 */
export function redactor(given: readonly (string | undefined)[]): (text: string) => string {
  const known = given.flatMap((value) => {
    const hidden = value?.replace(WITH_PASSWORD, '$1:***@');
    return value === undefined || hidden === undefined || hidden === value ? [] : [[value, hidden] as const];
  });
  return (text) => redact(known.reduce((rest, [value, hidden]) => rest.replaceAll(value, hidden), text));
}
