import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Called } from './names-in-sql.js';

/** Functions and operators of a stranger's that leave a trace when they are called with a superuser's rights. */
export interface Traps {
  /** How many there are. */
  readonly count: number;
  /** What was called since it was asked last. */
  caught(): string[];
  remove(): void;
}

interface Signature {
  readonly kind: 'function' | 'aggregate' | 'operator';
  readonly name: string;
  readonly arguments: readonly string[];
  readonly variadic: boolean;
  readonly returnsSet: boolean;
  readonly result: string;
}

/** What stands for a type that is any. An exact match beats a polymorphic one, wherever on the path it is. */
const TYPES =
  'text name int2 int4 int8 oid bool json jsonb regclass float8 xid pg_lsn timestamptz "char" bytea'.split(
    ' ',
  );
const NO_TYPES = /^(internal|cstring|trigger|event_trigger|.*handler|record|void|unknown|refcursor)$/;

const SIGNATURES = `
  select case prokind when 'a' then 'aggregate' else 'function' end as kind, proname::text as name,
    array(select pg_catalog.format_type(t, null) from unnest(proargtypes) with ordinality as u (t, n) order by n) as arguments,
    provariadic <> 0 as variadic, proretset as "returnsSet", pg_catalog.format_type(prorettype, null) as result
  from pg_catalog.pg_proc
  where pronamespace = 'pg_catalog'::regnamespace and proname = any ($1::text[]) and prokind in ('a', 'f')
  union all
  select 'operator', oprname::text, array[pg_catalog.format_type(oprleft, null), pg_catalog.format_type(oprright, null)],
    false, false, pg_catalog.format_type(oprresult, null)
  from pg_catalog.pg_operator
  where oprnamespace = 'pg_catalog'::regnamespace and oprname = any ($2::text[]) and oprkind = 'b'`;

/**
 * For each function and operator of pg_catalog with these names, one in the schema public: of the same types, and
 * of many in place of any. Who calls it with a superuser's rights writes a file, which outlives the transaction,
 * and fails, so that nothing goes on unnoticed.
 *
 * @param client of a role that may create in public
 */
export async function setTraps(client: Client, called: Called): Promise<Traps> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pgcachewatch-traps-'));
  await chmod(folder, 0o777);
  const { rows } = await client.query<Signature>(SIGNATURES, [called.functions, called.operators]);
  const statements = rows.flatMap((signature) =>
    concrete(signature).flatMap((each, n) => statementsFor(each, folder, `${rows.indexOf(signature)}_${n}`)),
  );
  const made = `do $do$
    declare statement text; made int := 0;
    begin
      foreach statement in array array[${statements.map(escapeLiteral).join(',')}] loop
        begin execute statement; made := made + 1; exception when others then null; end;
      end loop;
      perform set_config('traps.made', made::text, false);
    end $do$`;
  await client.query(made);
  const count = Number((await client.query(`select current_setting('traps.made') as n`)).rows[0]?.n);
  let before = new Set<string>();
  return {
    count,
    caught: () => {
      const all = readdirSync(folder);
      const fresh = all.filter((file) => !before.has(file)).map(decodeURIComponent);
      before = new Set(all);
      return fresh.sort();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The signature itself, and with concrete types in place of polymorphic ones. */
function concrete(signature: Signature): Signature[] {
  const isAny = signature.arguments.some((type) => /^"?any/.test(type));
  if (!isAny) return [signature];
  const replaced = TYPES.map((by) => {
    const put = (type: string) =>
      /^any(compatible)?array$/.test(type) ? `${by}[]` : /^"?any/.test(type) ? by : type;
    return { ...signature, arguments: signature.arguments.map(put), result: put(signature.result) };
  });
  return [signature, ...replaced];
}

function statementsFor(signature: Signature, folder: string, id: string): string[] {
  const { kind, name, variadic, result, returnsSet } = signature;
  if ([...signature.arguments, result].some((type) => NO_TYPES.test(type))) return [];
  const file = path.join(
    folder,
    encodeURIComponent(`${kind} ${name} (${signature.arguments.join(', ')})`).slice(0, 200),
  );
  const body = escapeLiteral(`begin
    begin copy (select 1) to ${escapeLiteral(file)}; exception when insufficient_privilege then null; end;
    raise exception 'a stranger''s ${kind} was called: %', ${escapeLiteral(name)};
  end`);
  const list = signature.arguments.map((type, i) =>
    variadic && i === signature.arguments.length - 1 ? `variadic ${type.replace(/(\[\])?$/, '[]')}` : type,
  );
  const make = (as: string, types: readonly string[], returns: string) =>
    `create function public.${as}(${types.join(', ')}) returns ${returns} language plpgsql as ${body}`;
  const helper = escapeIdentifier(`trap_${id}`);
  switch (kind) {
    case 'function':
      return [make(escapeIdentifier(name), list, `${returnsSet ? 'setof ' : ''}${result}`)];
    case 'aggregate': {
      const state = result === 'internal' ? 'text' : result;
      return [
        make(helper, [state, ...signature.arguments], state),
        `create aggregate public.${escapeIdentifier(name)}(${signature.arguments.join(', ') || '*'})
           (sfunc = public.${helper}, stype = ${state})`,
      ];
    }
    case 'operator': {
      const [left = '', right = ''] = signature.arguments;
      return [
        make(helper, [left, right], result),
        `create operator public.${name} (leftarg = ${left}, rightarg = ${right}, function = public.${helper})`,
      ];
    }
  }
}
