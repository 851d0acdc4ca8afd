-- Whether everybody, and whether this role, may execute pg_notify().
select
  pg_catalog.has_function_privilege('public', 'pg_catalog.pg_notify(text, text)', 'EXECUTE') as everybody,
  pg_catalog.has_function_privilege('pg_catalog.pg_notify(text, text)', 'EXECUTE') as this_role,
  pg_catalog.quote_ident(current_user) as role
