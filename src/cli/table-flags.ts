import type { Command } from 'commander';
import type { TableSelection } from '../install/index.js';

/** The flags that choose tables, beside the arguments. */
export interface TableFlags {
  readonly schema?: readonly string[] | undefined;
  readonly allInSchema?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

// None is variadic: it would take the tables that follow for its own.
export function addTableFlags(command: Command): Command {
  return command
    .option(
      '--schema <schema>',
      'look up tables that are named without a schema here, not on the search path; may be repeated',
      repeated,
    )
    .option('--all-in-schema <schema>', 'all tables of a schema; may be repeated', repeated)
    .option(
      '--exclude <table>',
      'leave a table out, with its parts; without a schema, in every schema; may be repeated',
      repeated,
    );
}

export function selection(
  tables: readonly string[],
  { schema, allInSchema, exclude }: TableFlags,
): TableSelection {
  return { tables, schemas: schema, allInSchemas: allInSchema, exclude };
}

/** For an option that may be given more than once. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
