import { expectTypeOf, test } from 'vitest';
import { type ChangeEvent, type ChangeSource, cache, createSource, greedy, row } from '../../src/index.js';

const source = createSource();

test('a cached function has the arguments of the function and a promise of its result', () => {
  const length = cache((text: string, times?: number) => text.length * (times ?? 1), { source });
  expectTypeOf(length).parameters.toEqualTypeOf<[text: string, times?: number]>();
  expectTypeOf(length).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(length.peek).parameters.toEqualTypeOf<[text: string, times?: number]>();
  expectTypeOf(length.peek).returns.toEqualTypeOf<Promise<number> | undefined>();
  // @ts-expect-error a number is no text
  length(1);
});

test('a promise is not wrapped in another', () => {
  const later = cache(async (id: number) => ({ id }), { source });
  expectTypeOf(later).returns.toEqualTypeOf<Promise<{ id: number }>>();
});

test('dependsOn and key get the arguments', () => {
  cache((id: number, name: string) => `${id}${name}`, {
    source,
    dependsOn: (id, name) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      expectTypeOf(name).toEqualTypeOf<string>();
      return ['orders', row('orders', { id })];
    },
    key: (id) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      return id;
    },
  });
});

test('a predicate gets a change, and values of it are not known', () => {
  greedy({ predicate: (change) => change.after?.status === 'paid' });
  expectTypeOf<ChangeEvent['key']>().toEqualTypeOf<Readonly<Record<string, unknown>> | null>();
  // @ts-expect-error there is no such operation
  greedy({ predicate: (change) => change.operation === 'upsert' });
});

test('the events of a source have their types', () => {
  source.on('gap', ({ reason }) => expectTypeOf(reason).not.toBeAny());
  source.on('state', (state) => expectTypeOf(state).toEqualTypeOf<ChangeSource['state']>());
  // @ts-expect-error there is no such event
  source.on('changes', () => {});
});
