import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { lend, type PackedProject, repository } from './packed-project.js';

const folder = path.join(repository, 'examples');

/** A program that says at its top what it needs, and at its end what it prints. */
interface Example {
  readonly name: string;
  readonly source: string;
  /** SQL, and commands of ours. */
  readonly needs: readonly string[];
  readonly prints: string;
}

/** The examples that are not run elsewhere, each in a database of its own. */
export function describeExamples(project: () => PackedProject, elsewhere: readonly string[]): void {
  describe('runs its examples', () => {
    beforeAll(() => lend(project(), 'fastify'));

    describe.each(examples(elsewhere))('$name', ({ source, needs, prints }) => {
      let database: TestDatabase;
      beforeAll(async () => {
        database = await createDatabase();
        for (const need of needs) await provide(need);
      });
      afterAll(() => database.drop());

      async function provide(need: string): Promise<void> {
        const [, command] = /^npx pgcachewatch (.*)$/.exec(need) ?? [];
        if (command === undefined) await database.query(need);
        else await project().runCommand(command, database.url);
      }

      it('prints what it says', async () => {
        expect(await project().runTypeScript(source, database.url)).toBe(prints);
      });
    });
  });
}

function examples(elsewhere: readonly string[]): Example[] {
  const names = readdirSync(folder);
  expect(names).toEqual(expect.arrayContaining([...elsewhere]));
  return names.filter((name) => !elsewhere.includes(name)).map(readExample);
}

function readExample(name: string): Example {
  const source = readFileSync(path.join(folder, name), 'utf8');
  const needs = [...source.matchAll(/^\/\/ Needs: (.*)$/gm)].map(([, need = '']) => need);
  const [, printed] = /\n\/\/ Prints:\n((?:\/\/ .*\n)+)$/.exec(source) ?? [];
  if (needs.length === 0 || printed === undefined) {
    throw new Error(`examples/${name} does not begin with // Needs: …, or does not end with // Prints: …`);
  }
  return { name, source, needs, prints: printed.replaceAll(/^\/\/ /gm, '') };
}
