-- Of a partitioned table, the copies on its partitions, too.
alter table :"schema".:"table" enable always trigger :"trigger";
