import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What a user gets: packed from a build of its own, installed into a project that has nothing. */
export interface PackedProject {
  readonly folder: string;
  /** Runs a program in the folder, and gives what it printed; so does the error, if it fails. */
  run(program: string, args: readonly string[], env?: object): Promise<string>;
  /** Runs a module in TypeScript as a program, with this `DATABASE_URL`. */
  runTypeScript(source: string, databaseUrl: string): Promise<string>;
  /** Runs `npx pgcachewatch …` as it is written in a shell. */
  runCommand(command: string, databaseUrl: string): Promise<string>;
  remove(): Promise<void>;
}

export async function packIntoProject(): Promise<PackedProject> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-package-'));
  const run: PackedProject['run'] = (program, args, env) => runIn(folder, program, args, env);
  await runIn(repository, 'npm', ['pack', '--pack-destination', folder]);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`]);
  let programs = 0;
  return {
    folder,
    run,
    async runTypeScript(source, databaseUrl) {
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
      const file = `program-${++programs}.js`;
      await writeFile(path.join(folder, file), ts.transpile(source, options));
      return run(process.execPath, [file], { DATABASE_URL: databaseUrl });
    },
    runCommand: (command, databaseUrl) =>
      run('npx', ['--no-install', 'pgcachewatch', ...command.split(' ')], { DATABASE_URL: databaseUrl }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lends it a package that the repository has. */
export async function lend(project: PackedProject, name: string): Promise<void> {
  const [from, to] = [repository, project.folder].map((root) => path.join(root, 'node_modules', name));
  if (from && to) await symlink(from, to, 'junction');
}

function runIn(folder: string, program: string, args: readonly string[], env = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { ...process.env, ...env }, shell: process.platform === 'win32' };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}
