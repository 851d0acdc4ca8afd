/** How a table comes to be watched. */
export type Watching = 'triggers' | 'published by name' | 'published by schema';

/** What is read through a cache: the row with the key 1, 'calm' or 'a'. */
export type Subject = 't' | 's.t' | 'part' | 'parent' | 'moods' | 'coded';

/**
 * DDL that takes a table out of sight, or changes what its columns mean, and DDL that takes that back. What is written
 * in between is not announced, or in other words; afterwards the catalog says what it said before.
 */
export interface RoundTrip {
  readonly of: Subject;
  readonly watchedBy: readonly Watching[];
  readonly away: string;
  readonly write: string;
  readonly back: string;
  /** Whether it waits for transactions that have written to the table. */
  readonly waitsForWriters?: boolean;
  /** Where every change is announced all the time, so that there need be no gap. */
  readonly losesNothing?: readonly Watching[];
}

/** What every world begins with. */
export const TABLES = `
  create schema s;
  create type mood as enum ('calm', 'cross');
  create domain code as text;
  create table t (id int primary key, v text);
  create table s.t (id int primary key, v text);
  create table part (id int primary key, v text) partition by range (id);
  create table part_low partition of part for values from (0) to (100);
  create table part_high partition of part for values from (100) to (200);
  create table parent (id int primary key, v text);
  create table child (primary key (id)) inherits (parent);
  create table moods (mood mood primary key, v text);
  create table coded (code code primary key, v text);
  insert into t values (1, 'old');
  insert into s.t values (1, 'old');
  insert into part values (1, 'old');
  insert into child values (1, 'old');
  insert into moods values ('calm', 'old');
  insert into coded values ('a', 'old')`;

export const INSTALLED = ['t', 's.t', 'part', 'parent', 'moods', 'coded'];

const TRIGGERS = ['triggers'] as const;
const ANY_PUBLICATION = ['published by name', 'published by schema'] as const;
const ANY = ['triggers', ...ANY_PUBLICATION] as const;

/** The trigger functions as no-ops, and as they were: kept in a table meanwhile. */
const SILENCE = `
  create table kept as select pg_get_functiondef(p.oid) as definition from pg_proc p
    where p.pronamespace = 'pgcachewatch'::regnamespace and p.prorettype = 'trigger'::regtype;
  do $$
  declare f record;
  begin
    for f in select p.oid::regprocedure as name from pg_proc p
      where p.pronamespace = 'pgcachewatch'::regnamespace and p.prorettype = 'trigger'::regtype
    loop
      execute 'create or replace function ' || f.name || ' returns trigger language plpgsql as ''begin return null; end''';
    end loop;
  end $$`;
const SPEAK = `
  do $$
  declare f record;
  begin
    for f in select definition from kept loop execute f.definition; end loop;
  end $$;
  drop table kept`;

/** The triggers of a table dropped, and made as they were. */
const withoutTriggers = (table: string) => ({
  away: `
    create table kept as select pg_get_triggerdef(oid) as definition, tgname from pg_trigger
      where tgrelid = '${table}'::regclass and not tgisinternal;
    do $$
    declare t record;
    begin
      for t in select tgname from kept loop execute format('drop trigger %I on ${table}', t.tgname); end loop;
    end $$`,
  back: `
    do $$
    declare t record;
    begin
      for t in select definition from kept loop execute t.definition; end loop;
    end $$;
    drop table kept`,
});

export const ROUND_TRIPS: readonly RoundTrip[] = [
  {
    of: 't',
    watchedBy: TRIGGERS,
    away: 'alter table t disable trigger all',
    write: `update t set v = 'new'`,
    back: 'alter table t enable trigger all',
    waitsForWriters: true,
  },
  {
    of: 't',
    watchedBy: TRIGGERS,
    ...withoutTriggers('t'),
    write: `update t set v = 'new'`,
    waitsForWriters: true,
  },
  { of: 't', watchedBy: TRIGGERS, away: SILENCE, write: `update t set v = 'new'`, back: SPEAK },
  {
    of: 't',
    watchedBy: ANY,
    away: 'alter table t rename to q',
    write: `update q set v = 'new'`,
    back: 'alter table q rename to t',
    waitsForWriters: true,
  },
  {
    of: 't',
    watchedBy: ANY,
    away: 'create schema elsewhere; alter table t set schema elsewhere',
    write: `update elsewhere.t set v = 'new'`,
    back: 'alter table elsewhere.t set schema public; drop schema elsewhere',
    waitsForWriters: true,
  },
  {
    of: 's.t',
    watchedBy: ANY,
    away: 'alter schema s rename to z',
    write: `update z.t set v = 'new'`,
    back: 'alter schema z rename to s',
    losesNothing: ANY,
  },
  {
    of: 't',
    watchedBy: ['published by name'],
    away: 'alter publication pgcachewatch drop table t',
    write: `update t set v = 'new'`,
    back: 'alter publication pgcachewatch add table t',
  },
  {
    of: 's.t',
    watchedBy: ['published by schema'],
    away: 'alter publication pgcachewatch drop tables in schema s',
    write: `update s.t set v = 'new'`,
    back: 'alter publication pgcachewatch add tables in schema s',
  },
  {
    of: 't',
    watchedBy: ANY_PUBLICATION,
    away: `alter publication pgcachewatch set (publish = 'insert, truncate')`,
    write: `update t set v = 'new'`,
    back: `alter publication pgcachewatch set (publish = 'insert, update, delete, truncate')`,
  },
  {
    of: 't',
    watchedBy: ['published by schema'],
    away: 'alter table t set unlogged',
    write: `update t set v = 'new'`,
    back: 'alter table t set logged',
    waitsForWriters: true,
  },
  {
    of: 'part',
    watchedBy: ANY,
    away: 'alter table part detach partition part_low',
    write: `update part_low set v = 'new'`,
    back: 'alter table part attach partition part_low for values from (0) to (100)',
    waitsForWriters: true,
  },
  {
    of: 'part',
    watchedBy: ANY_PUBLICATION,
    away: 'alter table part_low set unlogged',
    write: `update part set v = 'new'`,
    back: 'alter table part_low set logged',
    waitsForWriters: true,
  },
  {
    of: 'part',
    watchedBy: TRIGGERS,
    away: 'alter table part disable trigger all; alter table part_low disable trigger all',
    write: `update part_low set v = 'new'`,
    back: 'alter table part enable trigger all; alter table part_low enable trigger all',
    waitsForWriters: true,
  },
  {
    of: 'parent',
    watchedBy: TRIGGERS,
    away: 'alter table child disable trigger all',
    write: `update child set v = 'new'`,
    back: 'alter table child enable trigger all',
    waitsForWriters: true,
  },
  {
    of: 'parent',
    watchedBy: ['published by name'],
    away: 'alter publication pgcachewatch drop table only child',
    write: `update child set v = 'new'`,
    back: 'alter publication pgcachewatch add table only child',
  },
  {
    of: 'parent',
    watchedBy: ANY,
    away: 'alter table child no inherit parent',
    write: `update child set v = 'new'`,
    back: 'alter table child inherit parent',
    waitsForWriters: true,
  },
  {
    of: 'moods',
    watchedBy: ANY,
    away: `alter type mood rename value 'calm' to 'numb'`,
    write: `update moods set v = 'new'`,
    back: `alter type mood rename value 'numb' to 'calm'`,
  },
  {
    of: 'coded',
    watchedBy: ANY,
    away: 'alter table coded alter column code type text using upper(code)',
    write: `update coded set v = 'new'`,
    back: 'alter table coded alter column code type code using lower(code)',
    waitsForWriters: true,
  },
];
