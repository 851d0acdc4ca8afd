const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people, in powers of 1024 as `pg_size_pretty` has them: `12 MB`. */
export function sizeText(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}
