const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** An amount as a person reads it: `1.5 MB`; 1 kB is 1,024 bytes, as in Postgres. */
export function inBytes(bytes: number | null): string {
  if (bytes === null) return 'an unknown amount';
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const text = unit === 0 || amount >= 10 ? amount.toFixed(0) : amount.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}
