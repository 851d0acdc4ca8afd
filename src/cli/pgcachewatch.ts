#!/usr/bin/env node
import { processIo } from './process-io.js';
import { run } from './program.js';
import { errorReport, reportError } from './report-error.js';

const args = process.argv.slice(2);
const fail = (error: Error): void => {
  reportError(error, io, errorReport(args));
  process.exitCode = 1;
};
const io = processIo((error) => fail(new Error(`The output could not be written: ${error.message}`)));
// Node would print the error with all its properties, and they can hold a password.
process.once('uncaughtException', (error) => {
  fail(error);
  process.exit();
});
// They are for whoever maintains a dependency, not for whoever runs a command: pg warns of reading .pgpass.
process.noDeprecation = true;

const status = await run(args, io);
// A command may have set a status of its own, and may have something left to write: no process.exit.
if (status !== 0) process.exitCode = status;
