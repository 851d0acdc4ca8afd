import { afterEach, expect, test, vi } from 'vitest';
import type { Pausable } from '../../src/sources/brake.js';
import { type PaceOptions, ReadingPace } from '../../src/sources/reading-pace.js';

const PACE: PaceOptions = { reads: 4, withinMs: 1, busyBytesPerMs: 500, settledBy: 'turn' };

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
  const pace = new ReadingPace(said, PACE);
  // Within a millisecond, unless the machine stands still for so long.
  for (let i = 0; i < 1_000 && said.done.length === 0; i++) pace.taken(100);
  expect(said.done).toEqual(['pause']);
  await said.resumes;
  expect(said.done).toEqual(['pause', 'resume']);
});

test('a socket that says a lot at a time is read on', () => {
  const said = socket();
  const pace = new ReadingPace(said, PACE);
  for (let i = 0; i < 1_000; i++) pace.taken(64 * 1024);
  expect(said.done).toEqual([]);
});

test('as long as it goes on, it is left alone for longer, and not for longer than eight milliseconds', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  let pausedAtMs = 0;
  const pauses: number[] = [];
  const told: Pausable = {
    pause: () => {
      pausedAtMs = performance.now();
    },
    resume: () => {
      const ms = performance.now() - pausedAtMs;
      pauses.push(ms);
      // What was left over, what has come meanwhile, and in the end next to nothing.
      pace.taken(100);
      if (pauses.length < 6) pace.taken(1_000 * ms);
    },
  };
  const pace = new ReadingPace(told, PACE);
  for (let i = 0; i < 4; i++) pace.taken(100);
  vi.runAllTimers();
  expect(pauses).toEqual([1, 2, 4, 8, 8, 8]);
  for (let i = 0; i < 4; i++) pace.taken(100);
  vi.advanceTimersByTime(1);
  expect(pauses.slice(6)).toEqual([1]);
});

test('all that a pause has brought is read before there is another', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  const done: string[] = [];
  const told: Pausable = {
    pause: () => done.push('pause'),
    resume: () => {
      for (const part of ['left over', 'read']) {
        pace.taken(600);
        done.push(part);
      }
    },
  };
  const pace = new ReadingPace(told, PACE);
  for (let i = 0; i < 4; i++) pace.taken(100);
  // The end of the pause, and that of the turn.
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(['pause', 'left over', 'read']);
  vi.advanceTimersToNextTimer();
  expect(done).toEqual(['pause', 'left over', 'read', 'pause']);
});

test('a pause that has brought as much as can be read at once is not followed by another', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  const done: string[] = [];
  const told: Pausable = {
    pause: () => done.push('pause'),
    resume: () => {
      done.push('resume');
      pace.taken(64 * 1024);
    },
  };
  const pace = new ReadingPace(told, PACE);
  for (let i = 0; i < 4; i++) pace.taken(100);
  vi.runAllTimers();
  expect(done).toEqual(['pause', 'resume']);
});

test('where an answer is waited for, it is not left alone again before that has come', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'performance'] });
  const done: string[] = [];
  const told: Pausable = { pause: () => done.push('pause'), resume: () => done.push('resume') };
  const pace = new ReadingPace(told, { reads: 4, withinMs: 8, busyBytesPerMs: 250, settledBy: 'call' });
  for (let i = 0; i < 4; i++) pace.taken(100);
  vi.advanceTimersByTime(100);
  expect(done).toEqual(['pause', 'resume']);
  pace.taken(2_000);
  expect(done).toEqual(['pause', 'resume', 'pause']);
  vi.advanceTimersByTime(100);
  pace.taken(100);
  expect(done).toEqual(['pause', 'resume', 'pause', 'resume']);
});

afterEach(() => {
  vi.useRealTimers();
});
