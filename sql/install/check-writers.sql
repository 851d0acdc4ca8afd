-- It is planned and not run: were it to fail, this fails before.
explain (costs off) delete from :"schema".:"table";
