/**
 * The names in a value of `search_path`, as the server reads them: quoted, with `""` for a quote in one, or plain
 * and folded to lower case. `"$user"` stays as it is.
 */
export function parseSearchPath(value: string): string[] {
  return [...value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^\s",][^\s,]*))\s*(?:,|$)/g)].map(
    ([, quoted, plain = '']) =>
      quoted?.replaceAll('""', '"') ?? plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  );
}
