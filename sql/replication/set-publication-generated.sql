-- PostgreSQL 18: a key with a generated column that is not published would make UPDATE and DELETE fail.
alter publication :"publication" set (publish_generated_columns = stored);
