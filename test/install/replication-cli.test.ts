import { expect, test } from 'vitest';
import { cli as run } from '../support/cli.js';
import { setup } from './replication-setup.js';

const it = setup();

const cli = (...args: string[]) => run(...args, '--url', it.db.url);

test('the flags of install and uninstall reach the plan, and what was done is told', async () => {
  await it.db.query('create table bare (id int); create table keyed (id int primary key, a text)');
  const before = await it.catalog();
  const refused = await cli('install', 'bare', '--mode', 'replication');
  expect(refused).toMatchObject({
    status: 1,
    out: '',
    err: expect.stringMatching(
      /^error: Every UPDATE and DELETE on public\.bare would .+\nremedy: .*REPLICA IDENTITY FULL;.*\n$/,
    ),
  });
  const columns = it.version < 150_000 ? [] : ['--columns', 'key'];
  const done = await cli(
    'install',
    'bare',
    'keyed',
    '--mode',
    'both',
    '--replica-identity',
    'full',
    '--publication',
    'by_cli',
    '--commit',
    ...columns,
  );
  expect(done.status).toBe(0);
  expect(done.out).toContain('done: create the publication by_cli\ndone: log whole rows of public.bare\n');
  expect(done.out).toContain('done: watch public.bare\n');
  expect(await it.published('by_cli')).toEqual(
    columns.length > 0 ? ['bare', 'keyed(id)'] : ['bare', 'keyed'],
  );

  const slots = [`cli_a_${it.db.name}`, `cli_b_${it.db.name}`];
  for (const slot of slots) {
    await it.db.query('select pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
  }
  const flags = slots.flatMap((slot) => ['--slot', slot]);
  const one = await cli('uninstall', ...flags, 'keyed', '--mode', 'replication', '--publication', 'by_cli');
  expect(one.out).toContain('alter publication "by_cli" drop table only "public"."keyed";');
  for (const slot of slots) expect(one.out).toContain(`pg_drop_replication_slot(''${slot}'');`);
  expect(one.out).not.toContain('"bare"');
  expect(one.out).not.toContain('drop trigger');
  const away = await cli('uninstall', '--commit', ...flags);
  expect(away.out).toMatch(/done: drop the publication by_cli\n.*done: drop the replication slot cli_b/s);
  expect(await it.catalog()).toEqual(before);
});

test('what means nothing together, and what is no value, is told', async () => {
  expect(await cli('install', 'keyed', '--columns', 'key')).toMatchObject({
    status: 1,
    err: expect.stringContaining('columns means nothing in mode notify'),
  });
  expect(await cli('uninstall', '--mode', 'notify', '--slot', 's')).toMatchObject({
    status: 1,
    err: expect.stringContaining('slots means nothing in mode notify'),
  });
  for (const flag of [
    ['--replica-identity', 'nothing'],
    ['--columns', 'some'],
    ['--mode', 'all'],
  ]) {
    expect(await cli('install', 'keyed', ...flag)).toMatchObject({ status: 2, out: '' });
  }
});
