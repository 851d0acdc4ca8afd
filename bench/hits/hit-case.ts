/** What the calls of a case look like, and what they give. */
export interface HitCase<A extends unknown[] = unknown[]> {
  readonly title: string;
  /** The arguments that the calls take in turn, a power of two of them. */
  readonly calls: readonly A[];
  /** One text for the arguments: for those that cannot make a key of them themselves. */
  readonly key: (...args: A) => string | number;
  /** The row that the value is made of. */
  readonly id: (...args: A) => number;
}

/** So many different calls: more than one, or the look-up could be learnt by heart. */
const CALLS = 1024;
const numbers = Array.from({ length: CALLS }, (_, i) => 1_000 + i * 7);

export const hitCases = {
  number: {
    title: 'one number',
    calls: numbers.map((n): [number] => [n]),
    key: (n: number) => n,
    id: (n: number) => n,
  },
  string: {
    title: 'one string',
    calls: numbers.map((n): [string] => [`order-${n}`]),
    key: (name: string) => name,
    id: (name: string) => Number(name.slice('order-'.length)),
  },
  two: {
    title: 'two arguments',
    calls: numbers.map((n): [number, string] => [n, 'en']),
    key: (n: number, language: string) => `${n}:${language}`,
    id: (n: number) => n,
  },
  object: {
    title: 'one object',
    calls: numbers.map((n): [{ id: number; language: string }] => [{ id: n, language: 'en' }]),
    key: (query: { id: number; language: string }) => JSON.stringify(query),
    id: ({ id }: { id: number; language: string }) => id,
  },
};
