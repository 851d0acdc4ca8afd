/** The trigger functions do nothing, and what they did again. */
export const SILENT_FUNCTIONS = {
  away: `
    create temporary table kept on commit drop as
      select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition
      from pg_proc as p
      where p.pronamespace = 'pgcachewatch'::regnamespace and p.prorettype = 'trigger'::regtype;
    do $$
    declare f record;
    begin
      for f in select name from kept loop
        execute 'create or replace function ' || f.name || ' returns trigger language plpgsql as ''begin return null; end''';
      end loop;
    end $$`,
  back: `
    do $$
    declare f record;
    begin
      for f in select definition from kept loop execute f.definition; end loop;
    end $$`,
};

/** A table that the publication names leaves it, and comes back. */
export function outOfPublication(table: string) {
  return {
    away: `alter publication pgcachewatch drop table ${table}`,
    back: `alter publication pgcachewatch add table ${table}`,
    isAway: `
      select where not exists (
        select from pg_publication_rel as r
        join pg_publication as p on p.oid = r.prpubid and p.pubname = 'pgcachewatch'
        where r.prrelid = '${table}'::regclass
      )`,
  };
}

/** The publication and what it names, kept in a table meanwhile. */
export const PUBLICATION_AGAIN = {
  away: `
    create table kept_publication as
      select format(
        'create publication pgcachewatch for table %s with (publish = ''insert, update, delete, truncate'')',
        string_agg(r.prrelid::regclass::text, ', ')
      ) as definition
      from pg_publication_rel as r
      join pg_publication as p on p.oid = r.prpubid and p.pubname = 'pgcachewatch';
    drop publication pgcachewatch`,
  back: `
    do $$
    begin
      execute (select definition from kept_publication);
    end $$;
    drop table kept_publication`,
  isAway: `select where to_regclass('kept_publication') is not null`,
};
