/** The trigger functions, in the schema `pgcachewatch`, each in a file of `sql/notify`. */
export const NOTIFY_STATEMENT = 'notify_statement';
export const NOTIFY_ROW_KEY = 'notify_row_key';
export const NOTIFY_ROW = 'notify_row';

export const FUNCTION_FILES: ReadonlyMap<string, string> = new Map([
  [NOTIFY_STATEMENT, 'notify/statement-function.sql'],
  [NOTIFY_ROW_KEY, 'notify/row-key-function.sql'],
  [NOTIFY_ROW, 'notify/row-function.sql'],
]);

/**
 * Those of an older version, whose triggers have transition tables. They work until the last of these triggers has been
 * replaced, and are dropped then: had the new functions their names, a table that is not installed again would be
 * announced more coarsely than before.
 */
export const OLDER_FUNCTIONS: readonly string[] = ['notify_table_change', 'notify_change'];
