import { expect, test } from 'vitest';
import { ReadingPace } from '../../../src/sources/replication/reading-pace.js';

/** A socket that tells what is done to it. */
function socket() {
  const done: string[] = [];
  let resumed = () => {};
  const resumes = new Promise<void>((resolve) => {
    resumed = resolve;
  });
  return {
    done,
    resumes,
    pause() {
      done.push('pause');
    },
    resume() {
      done.push('resume');
      resumed();
    },
  };
}

test('a socket that says a little at a time, and often, is left alone for a moment', async () => {
  const said = socket();
  const pace = new ReadingPace(said);
  // Within a millisecond, unless the machine stands still for so long.
  for (let i = 0; i < 1_000 && said.done.length === 0; i++) pace.taken(100);
  expect(said.done).toEqual(['pause']);
  await said.resumes;
  expect(said.done).toEqual(['pause', 'resume']);
});

test('a socket that says a lot at a time is read on', () => {
  const said = socket();
  const pace = new ReadingPace(said);
  for (let i = 0; i < 1_000; i++) pace.taken(64 * 1024);
  expect(said.done).toEqual([]);
});
