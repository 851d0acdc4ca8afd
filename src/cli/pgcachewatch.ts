#!/usr/bin/env node
import pc from 'picocolors';
import { run } from './program.js';

const status = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  colors: pc.isColorSupported,
});
// A command may have set a status of its own, and may have something left to write: no process.exit.
if (status !== 0) process.exitCode = status;
