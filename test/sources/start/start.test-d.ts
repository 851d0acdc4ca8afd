import { expectTypeOf, test } from 'vitest';
import { type ChangeSource, createSource, type StartOptions } from '../../../src/index.js';

const source = createSource();

test('start() takes no options, or those that it has, and gives nothing but the moment', () => {
  expectTypeOf<ChangeSource['start']>().parameters.toEqualTypeOf<[options?: StartOptions]>();
  expectTypeOf(source.start).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(source.start).toBeCallableWith();
  expectTypeOf(source.start).toBeCallableWith({ timeoutMs: 1_000, signal: AbortSignal.timeout(1) });
  expectTypeOf(source.start).toBeCallableWith({ wait: false });
  // What is read from elsewhere may not be there.
  expectTypeOf(source.start).toBeCallableWith({ timeoutMs: undefined, signal: undefined, wait: undefined });
});

test('start() takes no option that it does not have', () => {
  // @ts-expect-error it is timeoutMs
  expectTypeOf(source.start).toBeCallableWith({ timeout: 1_000 });
  // @ts-expect-error it is a number
  expectTypeOf(source.start).toBeCallableWith({ timeoutMs: '1s' });
});
