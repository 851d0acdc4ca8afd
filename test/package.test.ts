import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from './support/database.js';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in a folder, and gives what it printed; so does the error, if it fails. */
function run(folder: string, program: string, ...args: string[]): Promise<string> {
  return runWith({}, folder, program, ...args);
}

function runWith(env: object, folder: string, program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...process.env, ...env }, shell: process.platform === 'win32' };
    execFile(program, args, options, (error, stdout, stderr) => {
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

  describe('does what the README says', () => {
    let database: TestDatabase;
    let readme: string;

    beforeAll(async () => {
      database = await createDatabase();
      readme = await readFile(path.join(repository, 'README.md'), 'utf8');
      await database.query(
        "create table orders (id int primary key, status text); insert into orders values (42, 'new')",
      );
      // The commands as they stand there, in their order, in a shell.
      const commands = [...readme.matchAll(/^npx pgcachewatch ((?:un)?install .*?)(?:\s+#.*)?$/gm)];
      expect(commands.length).toBeGreaterThan(4);
      for (const [, command = ''] of commands.filter(([line]) => !line.includes('uninstall'))) {
        await cli(command);
      }
    });

    afterAll(async () => {
      await cli('uninstall --commit');
      await database.drop();
    });

    const cli = (command: string) =>
      runWith(
        { DATABASE_URL: database.url },
        project,
        'npx',
        '--no-install',
        'pgcachewatch',
        ...command.split(' '),
      );

    const example = async (name: string): Promise<string> => {
      const source = await readFile(path.join(repository, 'examples', name), 'utf8');
      expect(readme).toContain(`<!-- examples/${name} -->\n\`\`\`ts\n${source}\`\`\``);
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
      await writeFile(path.join(project, 'example.js'), ts.transpile(source, options));
      return runWith({ DATABASE_URL: database.url }, project, process.execPath, 'example.js');
    };

    it('with the quick start', async () => {
      expect(await example('quick-start.ts')).toBe("{ id: 42, status: 'paid' }\n1 2\n");
    });

    it('with either source, and with the choice between them', async () => {
      expect(await example('choosing-a-source.ts')).toContain('chosen: replication\n');
    });

    it('with listening', async () => {
      expect(await example('listening.ts')).toBe('insert orders 7\n');
    });
  });
});
