-- What every session of ours begins with: all that our queries rely on, whatever is set for the role, the database
-- or the server. Settings last for the session if the process that answers has the number :pid, or if that is
-- 'any'; else for this transaction, for a pooler lends the process to others afterwards.
--
-- First, the path that the user's own names are looked up in: SHOW and SET look up nothing themselves.
show search_path;
-- A function or an operator in a schema on the path can match better than the one of pg_catalog, and is run with
-- our rights. So this comes before everything else, with every name in it qualified.
select pg_catalog.set_config(
  'search_path', 'pg_catalog, pg_temp',
  case when :'pid'::pg_catalog.text operator(pg_catalog.=) 'any'::pg_catalog.text then false
    else :'pid'::pg_catalog.text operator(pg_catalog.<>) pg_catalog.pg_backend_pid()::pg_catalog.text end
);
-- (By way of pg_settings: what a version of the server does not have is left out.)
select
  :'pid' in ('any', pg_backend_pid()::text) as settled,
  count(set_config(s.name, wanted.value, :'pid' not in ('any', pg_backend_pid()::text))) as settings
from (values
  -- How texts of SQL are read.
  ('standard_conforming_strings', 'on'),
  ('transform_null_equals', 'off'),
  ('array_nulls', 'on'),
  -- How values and names are written.
  ('DateStyle', 'ISO, MDY'),
  ('TimeZone', 'UTC'),
  ('IntervalStyle', 'postgres'),
  ('extra_float_digits', '1'),
  ('bytea_output', 'hex'),
  ('quote_all_identifiers', 'off'),
  -- A session that waits for changes is idle for long; where something is bounded in time, the bound is ours.
  ('statement_timeout', '0'),
  ('lock_timeout', '0'),
  ('transaction_timeout', '0'),
  ('idle_in_transaction_session_timeout', '0'),
  ('idle_session_timeout', '0'),
  -- A query that fails is no reason to lose the session.
  ('exit_on_error', 'off'),
  ('default_transaction_isolation', 'read committed'),
  ('default_transaction_deferrable', 'off'),
  ('row_security', 'on'),
  ('check_function_bodies', 'on'),
  ('client_min_messages', 'warning'),
  -- To compile a query of the catalog can take longer than to run it.
  ('jit', 'off')
) as wanted (name, value)
join pg_settings as s on s.name = wanted.name
