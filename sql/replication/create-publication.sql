-- The publication, of no table yet. Every kind of change is told, and of partitions by their own names: by
-- the root's, a TRUNCATE of one partition would be told to nobody.
create publication :"publication"
  with (publish = 'insert, update, delete, truncate', publish_via_partition_root = false);
