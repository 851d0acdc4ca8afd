-- PL/pgSQL. What the query finds is a reason to do nothing: it gives a refusal, its remedy, and a code.
declare
  found_refusal pg_catalog.record;
begin
  for found_refusal in
    :query
  loop
    raise exception '%', found_refusal.refusal
      using errcode = found_refusal.code, hint = found_refusal.remedy;
  end loop;
end;
