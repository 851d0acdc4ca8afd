import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeExamples } from './package/examples.js';
import { type PackedProject, packIntoProject, repository } from './package/packed-project.js';
import { createDatabase, type TestDatabase } from './support/database.js';

/** The examples that the README shows. */
const SHOWN = ['quick-start.ts', 'choosing-a-source.ts', 'listening.ts'];

describe('the packed package', () => {
  let project: PackedProject;

  beforeAll(async () => {
    project = await packIntoProject();
  }, 180_000);

  afterAll(() => project.remove());

  it('has the public functions', async () => {
    const names = ['createSource', 'cache', 'greedy', 'table', 'row'];
    const script = `const library = await import('pgcachewatch');
      console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => typeof library[name])));`;
    const printed = await project.run(process.execPath, ['--input-type=module', '-e', script]);
    expect(JSON.parse(printed)).toEqual(names.map(() => 'function'));
  });

  it('has a command that explains itself', async () => {
    expect(await project.run('npx', ['--no-install', 'pgcachewatch', '--help'])).toContain('install');
  });

  it('brings the SQL that it runs', async () => {
    const files = await readdir(path.join(project.folder, 'node_modules/pgcachewatch/sql'), {
      recursive: true,
    });
    expect(files.filter((file) => file.endsWith('.sql'))).not.toHaveLength(0);
  });

  it('has types that a strict project accepts, with no other types installed', async () => {
    await writeFile(
      path.join(project.folder, 'consumer.ts'),
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
    await project.run(process.execPath, [compiler, ...options.split(' '), 'consumer.ts']);
  }, 60_000);

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

    const cli = (command: string) => project.runCommand(command, database.url);

    const example = async (name: string): Promise<string> => {
      const source = await readFile(path.join(repository, 'examples', name), 'utf8');
      expect(readme).toContain(`<!-- examples/${name} -->\n\`\`\`ts\n${source}\`\`\``);
      return project.runTypeScript(source, database.url);
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

  describeExamples(() => project, SHOWN);
});
