-- Plans a DELETE and runs none, on the table and all its partitions: where publishing made UPDATE and DELETE
-- fail, this fails, and nothing is committed.
explain (costs off) delete from :"schema".:"table";
