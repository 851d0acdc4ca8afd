import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** What the fragments in the pages take as given. */
const PRELUDE = `
import * as library from 'pgcachewatch';
import type { ChangeEvent, ChangeSource, LoadContext } from 'pgcachewatch';
const { anyOf, cache, greedy, row, statisticsOf, table, timed, windowed } = library;
declare const source: ChangeSource;
declare function loadOrder(id: number): Promise<{ id: number; customerId: number }>;
declare function loadOrdersOf(customerId: number): Promise<number[]>;
declare function loadCustomer(id: number): Promise<{ name: string }>;
declare function loadForUser(user: { id: number }): Promise<string>;
declare function loadPrices(): Promise<Map<string, number>>;
declare function loadReport(): Promise<string>;
declare function report(...about: unknown[]): void;
declare const getOrder: library.CachedFunction<[id: number], { id: number }>;
`;

interface Block {
  /** The page, and the line that the block begins after. */
  readonly at: string;
  readonly code: string;
  /** The example that it is said to be. */
  readonly example: string | undefined;
}

const pages = readdirSync(path.join(repository, 'docs')).filter((name) => name.endsWith('.md'));
const blocks = pages.flatMap((name) => blocksOf(`docs/${name}`));

describe('the pages in docs/', () => {
  it('show the examples as they are', () => {
    const shown = blocks.filter(({ example }) => example !== undefined);
    expect(shown).not.toHaveLength(0);
    for (const { at, code, example = '' } of shown) {
      expect(code, at).toBe(readFileSync(path.join(repository, example), 'utf8'));
    }
  });

  it('have fragments that compile', () => {
    const fragments = blocks.filter(({ example }) => example === undefined);
    expect(fragments).not.toHaveLength(0);
    expect(complaints(fragments)).toEqual([]);
  }, 60_000);

  it('link to files that there are', () => {
    for (const name of pages) {
      const text = readFileSync(path.join(repository, 'docs', name), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(existsSync(path.join(repository, 'docs', target)), `${name}: ${target}`).toBe(true);
      }
    }
  });
});

function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(repository, page), 'utf8');
  const found = text.matchAll(/(?:<!-- (examples\/\S+) -->\n)?```ts\n(.*?)```/gs);
  return [...found].map(({ 1: example, 2: code = '', index }) => {
    return { at: `${page}:${text.slice(0, index).split('\n').length}`, code, example };
  });
}

/** What the compiler has to say of the fragments, each a module of its own that no file holds. */
function complaints(fragments: readonly Block[]): string[] {
  const config = ts.readConfigFile(path.join(repository, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, repository);
  options.noUnusedLocals = false;
  const modules = new Map(
    fragments.map((block, i) => [path.join(repository, `fragment-${i}.ts`).replaceAll('\\', '/'), block]),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (file) => modules.has(file) || fileExists(file);
  host.getSourceFile = (file, target, ...others) => {
    const block = modules.get(file);
    if (!block) return getSourceFile(file, target, ...others);
    // In a scope of its own, a fragment can define what the prelude has.
    return ts.createSourceFile(file, `${PRELUDE}async function fragment() {\n${block.code}}`, target);
  };
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules].flatMap(([file, { at }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ messageText, start = 0 }) => {
      const line = program.getSourceFile(file)?.getLineAndCharacterOfPosition(start).line ?? 0;
      const inFragment = line - PRELUDE.split('\n').length + 1;
      return `${at}, its line ${inFragment}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  );
}
