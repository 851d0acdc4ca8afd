alter publication :"publication" set (publish = :'publish', publish_via_partition_root = :'via_root');
