import { expect, test } from 'vitest';
import { Brake } from '../../src/sources/brake.js';

test('a socket is read again when nobody has a reason left not to', () => {
  const done: string[] = [];
  const brake = new Brake({ pause: () => done.push('pause'), resume: () => done.push('resume') });
  const [one, other] = [brake.pedal(), brake.pedal()];
  one.resume();
  one.pause();
  other.pause();
  other.pause();
  one.resume();
  one.resume();
  expect(done).toEqual(['pause']);
  other.resume();
  expect(done).toEqual(['pause', 'resume']);
});
