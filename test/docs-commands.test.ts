import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './support/database.js';
import { runDocumented } from './support/documented-commands.js';

/** With `UPDATE_DOCS=1`, it writes what the commands say into the documentation. */
const file = new URL('../docs/commands.md', import.meta.url);

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

test('the commands say what the documentation shows', async () => {
  const text = await readFile(file, 'utf8');
  for (const command of ['install', 'uninstall', 'doctor', 'status', 'listen']) {
    expect(text).toContain(`\`\`\`console\n$ pgcachewatch ${command}`);
  }
  const now = await runDocumented(text, db);
  if (process.env.UPDATE_DOCS === '1') await writeFile(file, now);
  else expect(now).toBe(text);
});
