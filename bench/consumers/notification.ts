import type { Heard } from './consumer.js';

/** Tells of every row that a notification of our triggers names: `{"rows": [[["1"]], …]}`, keys as texts. */
export function hearNotification(payload: unknown, heard: Heard): void {
  if (typeof payload !== 'object' || payload === null || !('rows' in payload)) return heard(null);
  const { rows } = payload;
  if (!Array.isArray(rows)) return heard(null);
  for (const row of rows) heard(Number(row[0][0]));
}
