/**
 * How many inputs a decoder is given. `FUZZ_INPUTS=1000000` is the long run, of a minute or two for each decoder;
 * `FUZZ_SEED` repeats a run.
 */
export const INPUTS = Number(process.env.FUZZ_INPUTS ?? 10_000);
export const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** What every object inherits: nothing hostile may come to be among it. */
export function inherited(): string {
  const of = (object: object) => Reflect.ownKeys(object).map(String).sort().join();
  return [Object.prototype, Array.prototype, Function.prototype, Map.prototype].map(of).join('\n');
}
