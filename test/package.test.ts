import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in a folder, and gives what it printed; so does the error, if it fails. */
function run(folder: string, program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: folder, shell: process.platform === 'win32' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}

/** What a user gets: packed from a build of its own, installed into a project that has nothing. */
describe('the packed package', () => {
  let project: string;

  beforeAll(async () => {
    project = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-package-'));
    await run(repository, 'npm', 'pack', '--pack-destination', project);
    const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
    await writeFile(path.join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    await run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
  }, 180_000);

  afterAll(() => rm(project, { recursive: true, force: true }));

  it('has the public functions', async () => {
    const names = ['createSource', 'cache', 'greedy', 'table', 'row'];
    const script = `const library = await import('pgcachewatch');
      console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => typeof library[name])));`;
    const printed = await run(project, process.execPath, '--input-type=module', '-e', script);
    expect(JSON.parse(printed)).toEqual(names.map(() => 'function'));
  });

  it('has a command that explains itself', async () => {
    expect(await run(project, 'npx', '--no-install', 'pgcachewatch', '--help')).toContain('install');
  });

  it('brings the SQL that it runs', async () => {
    const files = await readdir(path.join(project, 'node_modules/pgcachewatch/sql'), { recursive: true });
    expect(files.filter((file) => file.endsWith('.sql'))).not.toHaveLength(0);
  });

  it('has types that a strict project accepts, with no other types installed', async () => {
    await writeFile(
      path.join(project, 'consumer.ts'),
      `import { cache, createSource, greedy, row } from 'pgcachewatch';
       const source = createSource({ mode: 'notify', connection: 'postgres://localhost/shop' });
       const double = cache(async (id: number) => id * 2, { source, strategy: greedy(), dependsOn: (id) => [row('orders', { id })] });
       export const four: Promise<number> = double(2);
       // @ts-expect-error the arguments are the function's own
       void double('2');
      `,
    );
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const options = '--noEmit --strict --target ES2022 --module NodeNext --lib ES2023,ESNext.Disposable';
    await run(project, process.execPath, compiler, ...options.split(' '), 'consumer.ts');
  });
});
