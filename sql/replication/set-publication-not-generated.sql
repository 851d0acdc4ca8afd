-- PostgreSQL 18.
alter publication :"publication" set (publish_generated_columns = none);
