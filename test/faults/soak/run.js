// `npm run soak`: compiles, and runs test/faults/soak/main.ts. Plain JavaScript, since it runs before anything is
// compiled.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @param {string[]} args */
function node(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

// In a folder of its own below the root, so that the package finds its own dependencies there.
const compiled = mkdtempSync(path.join(root, '.soak-'));
// Ctrl-C ends what was started, too; this process goes on to clear up.
process.on('SIGINT', () => {});
try {
  symlinkSync(path.join(root, 'sql'), path.join(compiled, 'sql'), 'junction');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  // The types are checked by `npm run check`; here they would cost seconds.
  const options = [
    '-p',
    'test/faults/soak/tsconfig.json',
    '--noCheck',
    '--noEmit',
    'false',
    '--outDir',
    compiled,
  ];
  const status = node([tsc, ...options]);
  const program = path.join(compiled, 'test/faults/soak/main.js');
  process.exitCode = status || node([program, ...process.argv.slice(2)]);
} finally {
  rmSync(compiled, { recursive: true, force: true });
}
