-- One more setting, of this transaction.
select pg_catalog.set_config(:'name', :'value', true)
