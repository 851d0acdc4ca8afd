import { isDeepStrictEqual } from 'node:util';
import { until } from '../support/until.js';
import type { Command, Program } from './commands.js';
import type { Fixture } from './fixture.js';
import type { Version } from './history.js';
import { describeWrite, sqlOf, type Write } from './shop-state.js';
import { type Place, World } from './world.js';

export type Statistics = World['statistics'];

/** After so long, no strategy holds anything back any more. */
const LONG_MS = 1000;

/**
 * Runs a program.
 *
 * @throws Error telling what has happened and what was wrong with it
 */
export async function runProgram({ caches, commands }: Program, fixture: Fixture): Promise<Statistics> {
  const world = new World(await fixture.begin(), caches, fixture.reader);
  try {
    for (const [i, command] of commands.entries()) {
      await carryOut(command, world, fixture, (text) => world.log.push(`${i + 1}. ${text}`));
      await world.loads.quiet();
      await lookAgain(world);
      complain(world);
    }
    await comeToRest(world, fixture);
    complain(world);
    return world.statistics;
  } finally {
    while (world.loads.open(0)) {}
    world.close();
  }
}

/** Everything has been told, and nothing is held back: what is cached is what the database holds. */
async function comeToRest(world: World, { reader }: Fixture): Promise<void> {
  const { source, knowledge, loads, clock, places, history, log } = world;
  log.push('At rest:');
  while (loads.open(0)) await loads.quiet();
  const { committed } = knowledge;
  await source.caughtUp();
  knowledge.tell(committed);
  await until(() => loads.open(0) || world.waiting.length === 0, `an answer to ${world.waiting.join('; ')}`);
  clock.pass(LONG_MS);
  world.look();
  for (const { kind, arg, label } of places) {
    const { rows } = await reader.query(`select ${kind.sql} as rows`, [arg]);
    if (!isDeepStrictEqual(rows[0].rows, kind.expected(history.last.state, arg))) {
      world.wrong.push(`The model is wrong: ${label} is ${JSON.stringify(rows[0].rows)}`);
    }
  }
  for (const place of places) await world.read(place);
  // What was served stale was loaded anew meanwhile.
  await loads.quiet();
  clock.pass(LONG_MS);
  world.look();
}

/** What a look meets first, it knows the value of at the next. */
async function lookAgain(world: World): Promise<void> {
  world.look();
  await world.loads.quiet();
  world.look();
}

function complain({ log, wrong }: World): void {
  if (wrong.length > 0) throw new Error([...log, ...new Set(wrong.map((each) => `=> ${each}`))].join('\n'));
}

async function carryOut(
  command: Command,
  world: World,
  fixture: Fixture,
  say: (text: string) => void,
): Promise<void> {
  const { source, knowledge, loads, clock, places } = world;
  const place = (at: number): Place => {
    const found = places[at % places.length];
    if (!found) throw new Error('There is always a cache.');
    return found;
  };
  const allQuiet = () => loads.quiet();
  switch (command.kind) {
    case 'write':
      say(describeWrite(command.write));
      return transact(world, fixture, [command.write], async (_, commit) => void (await commit()));
    case 'touch': {
      const { kind, arg } = place(command.at);
      return carryOut({ kind: 'write', write: kind.touch(arg) }, world, fixture, say);
    }
    case 'write slowly':
      say(`${describeWrite(command.write)}, in a commit that is visible late; meanwhile:`);
      return transact(world, fixture, [command.write], (_, commit) =>
        fixture.whileInvisible(commit, async () => {
          for (const at of command.reads) {
            void world.read(place(at));
            await allQuiet();
          }
        }),
      );
    case 'transaction':
      say(`begin; ${command.writes.map(describeWrite).join('; ')}`);
      return transact(world, fixture, command.writes, async (draft, commit, rollback) => {
        for (const at of command.within) {
          await world.readWithin(fixture.writer, place(at), draft);
        }
        for (const at of command.beside) {
          void world.read(place(at));
          await allQuiet();
        }
        world.log.push(command.commits ? '   commit' : '   rollback');
        await (command.commits ? commit() : rollback());
      });
    case 'read': {
      const { pace, fails } = command.plan;
      const how = `${pace === 'quick' ? '' : `, ${pace}`}${fails ? ', failing' : ''}`;
      say(`read ${place(command.at).label}${how}`);
      void world.read(place(command.at), { plan: command.plan });
      return;
    }
    case 'fresh':
      say(`read ${place(command.at).label}, fresh`);
      void world.read(place(command.at), { fresh: true });
      // The call waits for the same, and was there before.
      return source.caughtUp();
    case 'open':
      if (!loads.areWaiting) return;
      say(`let load ${loads.open(command.at)?.n} go on`);
      return;
    case 'invalidate':
      say(`invalidate ${place(command.at).label}`);
      place(command.at).cached.invalidate(place(command.at).arg);
      return world.kept.dropped(place(command.at));
    case 'clear': {
      const { cached, kind } = place(command.at);
      say(`clear ${kind.name}`);
      cached.clear();
      for (const each of places) if (each.cached === cached) world.kept.dropped(each);
      return;
    }
    case 'caught up': {
      say('caughtUp()');
      const { committed } = knowledge;
      await source.caughtUp();
      knowledge.tell(committed);
      return world.look();
    }
    case 'pass':
      say(`${command.ms} ms pass`);
      clock.pass(command.ms);
      return world.look();
    case 'interrupt':
      say(`${command.how} the connection of the source`);
      await fixture.interrupt(source, command.how);
      return;
  }
}

/** Makes the writes in one transaction of the writer's; `work` ends it. */
async function transact(
  world: World,
  { writer }: Fixture,
  writes: readonly Write[],
  work: (draft: Version, commit: () => Promise<unknown>, rollback: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const { history, knowledge, log } = world;
  const draft = history.draft(history.begin(), writes);
  log.push(`   (version ${draft.n})`);
  await writer.query('begin');
  const { rows } = await writer.query(
    'update version set n = $1 returning pg_current_xact_id()::text as xid',
    [draft.n],
  );
  for (const write of writes) await writer.query(sqlOf(write, draft.n));
  await work(
    draft,
    async () => {
      world.add(draft, Number(rows[0].xid));
      await writer.query('commit');
      knowledge.committed = draft.n;
    },
    () => writer.query('rollback'),
  );
}
