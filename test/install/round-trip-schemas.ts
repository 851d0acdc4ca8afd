import { escapeIdentifier } from 'pg';

/** A database such as there is somewhere, and the tables of it that are to be watched. */
export interface RoundTripSchema {
  readonly name: string;
  /** `role` is one of the test's own, a plain one. */
  readonly create: (role: string) => string;
  /** As SQL reads their names. */
  readonly tables: readonly string[];
  /** What replication asks for where it is not FULL: `full` is needed, or it is `never` possible. */
  readonly replication?: 'full' | 'never';
  /** From which version of the server on. */
  readonly since?: number;
}

const long = 'n'.repeat(63);
const odd = escapeIdentifier(`x\n\\ :name :'v' -- /* $pgcachewatch$ $function$ 'q' "q" %s {} \${y} ;`);

export const schemas: readonly RoundTripSchema[] = [
  {
    name: 'names with quotes and dots',
    create: () => `create schema "Odd ""S.";
      create table "Odd ""S."."a.b ""c" ("k.$1 'x'" int primary key, "select" text)`,
    tables: ['"Odd ""S."."a.b ""c"'],
  },
  {
    name: 'names beyond ASCII',
    create: () => 'create schema "Ünï"; create table "Ünï"."Bücher→表🐘" ("ключ" int primary key, "名" text)',
    tables: ['"Ünï"."Bücher→表🐘"'],
  },
  {
    name: 'names that JavaScript has a use for',
    create: () =>
      'create schema constructor; create table constructor.__proto__ ("__proto__" int primary key, "toString" text)',
    tables: ['constructor.__proto__'],
  },
  {
    name: 'names of 63 bytes',
    create:
      () => `create schema s${long.slice(1)}; create table s${long.slice(1)}.${long} (${long} int primary key);
      create table "${'é'.repeat(31)}" (id int primary key)`,
    tables: [`s${long.slice(1)}.${long}`, `"${'é'.repeat(31)}"`],
  },
  {
    name: 'a name that could end a quote, a comment or a statement',
    create: () => `create schema ${odd}; create table ${odd}.${odd} (${odd} int primary key, a text)`,
    tables: [`${odd}.${odd}`],
  },
  {
    name: 'partitions on two levels, in other schemas, with their columns in another order',
    create:
      () => `create schema cold; create table parts (id int, region text, a text, primary key (region, id))
        partition by list (region);
      create table cold.eu (gone int, a text, id int not null, region text not null) partition by range (id);
      alter table cold.eu drop column gone; alter table parts attach partition cold.eu for values in ('eu');
      create table eu_low partition of cold.eu for values from (0) to (10);
      create table cold.rest partition of parts default`,
    tables: ['parts'],
  },
  {
    name: 'partitions without a key',
    create: () => `create table keyless (id int) partition by hash (id);
      create table keyless_0 partition of keyless for values with (modulus 2, remainder 0);
      create table keyless_1 partition of keyless for values with (modulus 2, remainder 1)`,
    tables: ['keyless'],
    replication: 'full',
  },
  {
    name: 'children by inheritance',
    create: () => `create table mother (id int primary key, a text);
      create table child (b text, primary key (id)) inherits (mother);
      create table grandchild (primary key (id)) inherits (child)`,
    tables: ['child'],
  },
  {
    name: 'a stored generated column in the key',
    create: () => 'create table made (n int, id int generated always as (n * 2) stored primary key)',
    tables: ['made'],
  },
  {
    name: 'a virtual generated column',
    create: () =>
      'create table shadow (id int primary key, n int, twice int generated always as (n * 2) virtual)',
    tables: ['shadow'],
    since: 180_000,
  },
  {
    name: 'a virtual generated column and no key',
    create: () => 'create table shadow (n int, twice int generated always as (n * 2) virtual)',
    tables: ['shadow'],
    replication: 'never',
    since: 180_000,
  },
  {
    name: 'domains and an enumeration',
    create: () => `create domain positive as int check (value > 0); create type mood as enum ('good', 'bad');
      create table typed (id positive primary key, m mood default 'good')`,
    tables: ['typed'],
  },
  { name: 'no key', create: () => 'create table log (a text)', tables: ['log'], replication: 'full' },
  {
    name: 'a key of several columns',
    create: () =>
      'create table lines (a int, "B b" text, c uuid, d text, primary key (c, a, "B b") include (d))',
    tables: ['lines'],
  },
  {
    name: 'a unique index as the replica identity',
    create: () => `create table coded (id int primary key, code text not null unique, a text);
      alter table coded replica identity using index coded_code_key`,
    tables: ['coded'],
  },
  {
    name: '1600 columns',
    create: () =>
      `create table wide (id int primary key, ${Array.from({ length: 1599 }, (_, i) => `c${i} bool`).join(', ')})`,
    tables: ['wide'],
  },
  {
    name: 'a table of an extension',
    create: () =>
      'create table packed (id int primary key, a text); alter extension plpgsql add table packed',
    tables: ['packed'],
  },
  {
    name: "triggers of the user's own, of every kind",
    create: () => `create table busy (id int primary key, a text);
      create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger a before insert or update on busy for each row execute function f();
      create trigger b after update of a on busy for each row when (old.a is distinct from new.a) execute function f();
      create trigger c after update on busy referencing old table as old_rows new table as new_rows
        for each statement execute function f();
      create trigger d after truncate on busy for each statement execute function f();
      create constraint trigger e after insert on busy deferrable for each row execute function f();
      create trigger pgcachewatch after delete on busy for each statement execute function f();
      alter table busy disable trigger a; alter table busy enable always trigger b; alter table busy enable replica trigger c`,
    tables: ['busy'],
  },
  {
    name: "a table in another role's schema, with rights given and taken",
    create: (role) => `create schema theirs authorization ${role};
      create table theirs.t (id int primary key, a text); alter table theirs.t owner to ${role};
      grant select, trigger on theirs.t to public; grant update (a) on theirs.t to ${role} with grant option;
      alter default privileges revoke execute on functions from public;
      alter default privileges grant usage on schemas to ${role};
      alter default privileges for role ${role} in schema theirs grant insert on tables to public`,
    tables: ['theirs.t'],
  },
  {
    name: 'identity columns and sequences',
    create: () => `create table numbered (id int generated always as identity primary key,
      b bigint generated by default as identity (start 5 increment 3), c serial)`,
    tables: ['numbered'],
  },
  {
    name: 'rules, a view that can be written to, and a materialized view beside it',
    create: () => `create table ruled (id int primary key, a text); create table ruled_log (id int);
      create rule also as on insert to ruled do also insert into ruled_log values (new.id);
      create view seen as select * from ruled where a > 'b' with check option;
      create materialized view stored as select * from ruled; create unique index on stored (id)`,
    tables: ['ruled'],
  },
  {
    name: 'row level security, forced on the owner',
    create:
      () => `create table secured (id int primary key, a text); alter table secured enable row level security;
      alter table secured force row level security; create policy nobody on secured using (false)`,
    tables: ['secured'],
  },
  {
    name: 'constraints that are deferred',
    create: () => `create table late (id int primary key deferrable initially deferred, n int unique, up int,
      foreign key (up) references late (n) deferrable initially deferred)`,
    tables: ['late'],
    replication: 'full',
  },
  {
    name: 'exclusion constraints, checks, statistics and storage settings',
    create:
      () => `create table booked (id int primary key, r int4range not null, a text, exclude using gist (r with &&),
        constraint c check (a <> '') not valid) with (fillfactor = 70, autovacuum_enabled = false);
      create statistics booked_stats on r, a from booked; alter table booked alter a set statistics 17, alter a set storage external;
      comment on table booked is 'A comment'; comment on column booked.a is 'Another'`,
    tables: ['booked'],
  },
  {
    name: "a publication of the user's own on it",
    create: () => `create table shared (id int primary key, a text); create table other (id int primary key);
      create publication theirs for table shared, other with (publish = 'insert, delete');
      comment on publication theirs is 'Not ours'`,
    tables: ['shared'],
  },
  {
    name: "a publication of the user's own with a filter, a list of columns and a schema",
    create:
      () => `create schema s; create table shared (id int primary key, a text); create table s.t (id int primary key);
      create publication listed for table shared (id) where (id > 5); create publication of_schema for tables in schema s`,
    tables: ['shared', 's.t'],
    since: 150_000,
  },
  {
    name: 'a publication of all tables beside it',
    create: () => 'create table covered (id int primary key); create publication everything for all tables',
    tables: ['covered'],
  },
  {
    name: 'a replica identity that was switched off',
    create: () => 'create table off (id int primary key, a text); alter table off replica identity nothing',
    tables: ['off'],
    replication: 'full',
  },
  {
    name: 'a replica identity that is FULL already',
    create: () => 'create table logged (id int, a text); alter table logged replica identity full',
    tables: ['logged'],
  },
  {
    name: 'a typed table and an event trigger',
    create: () => `create type shape as (id int, a text); create table typed of shape (primary key (id));
      create function e() returns event_trigger language plpgsql as 'begin end';
      create event trigger pgcachewatch_e on ddl_command_end execute function e()`,
    tables: ['typed'],
  },
];
