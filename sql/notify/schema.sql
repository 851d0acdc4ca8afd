-- The one schema that pgcachewatch makes. Every role may look into it, because the triggers of every
-- role's tables call the function in it; nobody but its owner may create anything there.
create schema if not exists pgcachewatch;
grant usage on schema pgcachewatch to public;
comment on schema pgcachewatch is 'Announces committed changes to caches (npm package pgcachewatch)';
