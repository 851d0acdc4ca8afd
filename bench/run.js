// `npm run bench`: installs the peers where they are missing, compiles, and runs bench/main.ts. Plain JavaScript,
// since it runs before anything is compiled.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);

/**
 * @param {string} program
 * @param {string[]} programArgs
 */
function run(program, programArgs) {
  const shell = process.platform === 'win32';
  return spawnSync(program, programArgs, { cwd: root, stdio: 'inherit', shell }).status ?? 1;
}

const peers = path.join(root, 'bench/node_modules');
const withoutPeers = args.some((arg) => ['--help', '-h', '--without-peers'].includes(arg));
if (!withoutPeers && !existsSync(path.join(peers, '.package-lock.json'))) {
  console.error('Installing what the benches compare with, and what draws the charts: npm ci --prefix bench');
  if (run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund']) !== 0) {
    console.error(
      'The peers and the plotting library of bench/package.json could not be installed, so they are missing below,' +
        '\nand no chart is drawn. With a connection to the npm registry: npm ci --prefix bench',
    );
  }
}

// What is compared is compiled together with the package, by the settings of its build. In a folder of its own
// below the root, so that the package finds its own dependencies there, and nothing but bench/peers finds the peers.
const compiled = mkdtempSync(path.join(root, '.bench-'));
// Ctrl-C ends what was started; this process goes on to clear up.
process.on('SIGINT', () => {});
try {
  mkdirSync(path.join(compiled, 'bench/peers'), { recursive: true });
  symlinkSync(path.join(root, 'sql'), path.join(compiled, 'sql'), 'junction');
  if (existsSync(peers)) symlinkSync(peers, path.join(compiled, 'bench/peers/node_modules'), 'junction');
  // The types are checked by `npm run check`; here they would cost seconds, and could not be without the peers.
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = ['-p', 'bench/tsconfig.json', '--noCheck', '--noEmit', 'false', '--outDir', compiled];
  const status = run(process.execPath, [tsc, ...options]);
  process.exitCode = status || run(process.execPath, [path.join(compiled, 'bench/main.js'), ...args]);
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
