import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CachedFunction,
  type CacheOptions,
  type ChangeEvent,
  cache,
  createSource,
  greedy,
  type Logger,
  row,
  type SourceEvents,
  type Strategy,
  table,
} from '../../../src/index.js';
import { modes, openWatched, type Watched } from '../../support/open-watched.js';
import { until } from '../../support/until.js';

/** What is handed to the package, and does something that it should not. */
type Misdeed = () => unknown;

/** The villain's surroundings, for those that meddle with them. */
interface Scene extends Watched {
  readonly honest: CachedFunction<[id: number], number>;
  readonly load: (id: number) => Promise<number>;
  /** Things to be closed in the end. */
  readonly toClose: { close(): unknown }[];
}

const BLOCKED_MS = 20;
/** `HOSTILE_SINGLY=1`: one misdeed at a time, for some minutes; else all of an actor's at once. */
const SINGLY = process.env.HOSTILE_SINGLY === '1';

const misdeeds: Readonly<
  Record<string, (scene: Scene, own: () => CachedFunction<[number], number> | undefined) => Misdeed>
> = {
  'throws an error': () => () => {
    throw new Error('misdeed');
  },
  'throws undefined': () => () => {
    throw undefined;
  },
  'throws what cannot be looked at': () => () => {
    throw new Proxy(Object.create(null), {
      get() {
        throw new Error('looked at');
      },
    });
  },
  rejects: () => () => Promise.reject(new Error('misdeed')),
  'never settles': () => () => new Promise(() => {}),
  blocks: () => () => {
    const until = performance.now() + BLOCKED_MS;
    while (performance.now() < until);
  },
  'calls what is cached':
    ({ honest }) =>
    () =>
      void honest(1).catch(() => {}),
  'invalidates and clears':
    ({ honest }) =>
    () => {
      honest.invalidate(1);
      honest.clear();
    },
  'waits to be caught up':
    ({ source }) =>
    () =>
      void source.caughtUp().catch(() => {}),
  'listens, and listens no more':
    ({ source }) =>
    () => {
      source.on('change', () => {})();
    },
  'makes caches': ({ source, load, toClose }) => {
    let made = 0;
    return () => {
      if (++made < 20) toClose.push(cache(load, { source, dependsOn: [table('t')] }));
    };
  },
  'closes its cache': (_scene, own) => () => own()?.close(),
  'opens another source': ({ database, toClose }) => {
    let made = 0;
    return () => {
      if (++made > 2) return;
      const other = createSource({ connection: database.url });
      toClose.push(other);
      void other.start().catch(() => {});
    };
  },
};

type Options = Partial<CacheOptions<[id: number], number>>;
const asOptions = (options: Options) => options;

/** Where the misdeed is done: options of the villain's cache, or a listener. */
const actors: Readonly<Record<string, (misdeed: Misdeed, scene: Scene) => Options>> = {
  ...Object.fromEntries(
    (['transaction', 'change', 'gap', 'state', 'error'] as const).map((event: keyof SourceEvents) => [
      `a listener to ${event}`,
      (misdeed: Misdeed, { source }: Scene) => {
        source.on(event, () => misdeed() as undefined);
        return {};
      },
    ]),
  ),
  'an iteration': (misdeed, { source }) => {
    void (async () => {
      for await (const _ of source) await misdeed();
    })().catch(() => {});
    return {};
  },
  'a predicate': (misdeed) => asOptions({ strategy: greedy({ predicate: () => misdeed() as boolean }) }),
  'a strategy': (misdeed) => asOptions({ strategy: wicked(misdeed) }),
  'a key function': (misdeed) =>
    asOptions({
      key: (id) => {
        const given = misdeed();
        return given instanceof Promise ? given : id;
      },
    }),
  dependsOn: (misdeed) =>
    asOptions({
      dependsOn: (id) => (misdeed() as [] | undefined) ?? [row('t', { id })],
    }),
  sizeOf: (misdeed) => asOptions({ maxBytes: 1_000, sizeOf: () => (misdeed() as number | undefined) ?? 1 }),
  clone: (misdeed) => asOptions({ clone: (value) => (misdeed() as number | undefined) ?? value }),
  onWrong: (misdeed) =>
    asOptions({
      verify: { sampleRate: 1, onWrong: () => misdeed() as undefined },
      dependsOn: [table('other')],
    }),
};

/** Adds and drops, and does it at every occasion. */
function wicked(misdeed: Misdeed): Strategy {
  return {
    attach(context) {
      const collection = context.collection();
      return {
        apply({ changes }) {
          for (const change of changes) collection.add(change);
          collection.drop();
          return misdeed() as undefined;
        },
        reset: () => misdeed() as undefined,
        close: () => misdeed() as undefined,
      };
    },
  };
}

const setup = {
  sql: `create table t (id int primary key, n int not null); insert into t select i, 0 from generate_series(1, 3) i;
        create table other (id int primary key)`,
  tables: ['t', 'other'],
};

describe.each(modes)('%s', (mode) => {
  let scene: Scene;
  let loader: Awaited<ReturnType<Watched['database']['client']>>;

  beforeEach(async () => {
    const watched = await openWatched(mode, setup);
    loader = await watched.database.client();
    const load = async (id: number) => {
      const { rows } = await loader.query('select n from t where id = $1', [id]);
      return Number(rows[0].n);
    };
    const honest = cache(load, { source: watched.source, dependsOn: (id) => [row('t', { id })] });
    scene = { ...watched, honest, load, toClose: [] };
  });

  afterEach(async () => {
    for (const each of scene.toClose) await each.close();
    await scene.close();
  });

  describe.each(Object.entries(actors))('%s', (_actor, actor) => {
    const all = Object.entries(misdeeds);
    const cases: [string, typeof all][] = SINGLY
      ? all.map((each) => [each[0], [each]])
      : [['does it all', all]];
    test.each(cases)('that %s breaks no promise to others', async (_which, chosen) => {
      const { source, database, honest, load } = scene;
      const told: string[] = [];
      source.on('error', () => {});
      const villains = chosen.map(([name, make]) => {
        let own: CachedFunction<[number], number> | undefined;
        const options = actor(
          make(scene, () => own),
          scene,
        );
        own = cache(load, { source, name, ...options, context: false });
        return own;
      });
      // Last, so that everything wicked comes before.
      const byTable = cache(load, { source, dependsOn: [table('t')] });
      source.on('transaction', ({ changes }) => told.push([...changes].map(name).join()));

      await ask(villains);
      for (let n = 1; n <= 2; n++) {
        await Promise.all([honest(1), honest(2), byTable(3)]);
        await database.query(
          'begin; update t set n = n + 1 where id = 1; update t set n = n + 1 where id = 3; commit',
        );
        await source.caughtUp();
        expect(await Promise.all([honest(1), honest(2), byTable(3)])).toEqual([n, 0, n]);
        await ask(villains);
      }
      expect(told).toEqual(['update 1,update 3', 'update 1,update 3']);

      // The same once more after a gap.
      const isLive = new Promise<void>((resolve) => {
        source.on('state', (state) => state === 'live' && resolve());
      });
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like 'pgcachewatch%'`,
      );
      await isLive;
      await database.query('update t set n = 100');
      await source.caughtUp();
      expect(await Promise.all([honest(1), honest(2), byTable(3)])).toEqual([100, 100, 100]);
      await ask(villains);
      for (const villain of villains) attempt(() => villain.close());
    });
  });

  test('a listener that blocks for longer than the silence that is put up with costs a gap, and no truth', async () => {
    const { database, load } = scene;
    const source = createSource({ connection: database.url, mode, silenceLimitMs: 300 });
    const honest = cache(load, { source, dependsOn: (id) => [row('t', { id })] });
    const errors: Error[] = [];
    source.on('error', (error) => errors.push(error));
    let isBlocking = true;
    source.on('change', () => {
      const end = performance.now() + 900;
      while (isBlocking && performance.now() < end);
      isBlocking = false;
    });
    await source.start();
    expect(await honest(1)).toBe(0);
    await database.query('update t set n = 1');
    await until(() => !isBlocking, 'the block');
    await database.query('update t set n = 2');
    await source.caughtUp();
    expect(await honest(1)).toBe(2);
    await source.close();
  });

  test.each(['throws', 'rejects'])('a logger that %s stops nothing', async (how) => {
    const { database, load } = scene;
    const wickedLog = (): void => {
      if (how === 'throws') throw new Error('log');
      return Promise.reject(new Error('log')) as unknown as undefined;
    };
    const logger: Logger = { debug: wickedLog, info: wickedLog, warn: wickedLog, error: wickedLog };
    const source = createSource({ connection: database.url, mode, logger });
    await source.start();
    const honest = cache(load, { source, dependsOn: (id) => [row('t', { id })] });
    expect(await honest(1)).toBe(0);
    await database.query('update t set n = 1');
    await source.caughtUp();
    expect(await honest(1)).toBe(1);
    await source.close();
  });

  test('a source that is closed by its own listener ends, and its caches go to the database', async () => {
    const { database, load } = scene;
    const source = createSource({ connection: database.url, mode });
    await source.start();
    const honest = cache(load, { source, dependsOn: (id) => [row('t', { id })] });
    expect(await honest(1)).toBe(0);
    const closed = new Promise<void>((resolve) => {
      source.on('change', () => void source.close().then(resolve));
    });
    await database.query('update t set n = 1');
    await closed;
    expect([source.state, await honest(1), honest.statistics.entries]).toEqual(['closed', 1, 0]);
  });
});

/** What the villain's own callers get is its own affair; but they get something. */
async function ask(villains: readonly CachedFunction<[number], number>[]): Promise<void> {
  const calls = villains.map((villain) =>
    Promise.resolve()
      .then(() => villain(1))
      .catch(() => {}),
  );
  await Promise.race([Promise.all(calls), new Promise((resolve) => setTimeout(resolve, 100))]);
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // A strategy's own close, on its way to the one who calls.
  }
}

function name({ operation, key }: ChangeEvent): string {
  return `${operation} ${key?.id}`;
}
