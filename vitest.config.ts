import ts from 'typescript';
import { defineConfig, type Plugin } from 'vitest/config';

/** Standard decorators, which the bundler behind vitest leaves as they are and Node cannot read. */
const decorators: Plugin = {
  name: 'decorators',
  enforce: 'pre',
  transform(code, id) {
    if (!/\.decorators\.test\.ts$/.test(id)) return null;
    const { outputText, sourceMapText } = ts.transpileModule(code, {
      fileName: id,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, sourceMap: true },
    });
    return { code: outputText, map: sourceMapText ?? null };
  },
};

export default defineConfig({
  plugins: [decorators],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/server.ts'],
    // The tests share one server; more of them at once make each other late, not the run shorter.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'] },
  },
});
