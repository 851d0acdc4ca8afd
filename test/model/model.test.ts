import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { type Program, programs } from './commands.js';
import { createFixture, type Fixture } from './fixture.js';
import { runProgram, type Statistics } from './run-program.js';

/** How many programs; `MODEL_RUNS=1000` for the long run. A failure says how to run the same one again. */
const RUNS = Number(process.env.MODEL_RUNS ?? 150);
/** Unless it is said how many: what there is time for, in milliseconds. */
const ENOUGH_MS = process.env.MODEL_RUNS === undefined ? 12_000 : Number.POSITIVE_INFINITY;
const { MODEL_SEED: seed, MODEL_PATH: path } = process.env;

const serverPackage = inject('serverPackage');

describe('caches and their model', () => {
  let server: EmbeddedServer | undefined;

  beforeAll(async () => {
    if (serverPackage === null) return;
    // Whoever commits with synchronous_commit = on waits for a standby that there is not.
    const settings = { synchronous_standby_names: 'nobody', synchronous_commit: 'local' };
    server = await startEmbeddedServer({ packageName: serverPackage, settings });
  });
  afterAll(() => server?.stop());

  describe.each(['notify', 'replication'] as const)('with the %s source', (mode) => {
    let fixture: Fixture;

    beforeAll(async () => {
      fixture = await createFixture(mode, server?.url);
    });
    afterAll(() => fixture.close());

    const agree = 'agree, whatever is read, written, interrupted and overtaken';
    test(agree, { timeout: 600_000 + RUNS * 2_000 }, async () => {
      const total: Statistics = { hits: 0, overtaken: 0, dropped: 0, gaps: 0 };
      const deadline = performance.now() + ENOUGH_MS;
      let ran = 0;
      let failed = false;
      const property = fc.asyncProperty(
        programs({ visibleLate: server !== undefined }),
        async (program: Program) => {
          // One that has failed is made simpler, however long that takes.
          if (!failed && performance.now() > deadline) return;
          ran++;
          const wasFailed = failed;
          failed = true;
          const { hits, overtaken, dropped, gaps } = await runProgram(program, fixture);
          failed = wasFailed;
          total.hits += hits;
          total.overtaken += overtaken;
          total.dropped += dropped;
          total.gaps += gaps;
        },
      );
      const details = await fc.check(property, {
        numRuns: RUNS,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      });
      if (details.failed) throw new Error(report(details));
      if (path !== undefined) return;
      console.info(`${mode}: ${ran} programs agree with the model`, total);
      // Programs in which nothing happens would agree with any model.
      if (ran >= 30) for (const count of Object.values(total)) expect(count).toBeGreaterThan(0);
    });
  });
});

function report({ seed, counterexamplePath, numRuns, numShrinks, errorInstance }: fc.RunDetails<[Program]>) {
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return (
    `A program, the ${numRuns}th that was tried, made simpler ${numShrinks} times:\n\n${why}\n\n` +
    `The same again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} npx vitest run test/model`
  );
}
