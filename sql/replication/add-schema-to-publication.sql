-- PostgreSQL 15 and later.
alter publication :"publication" add tables in schema :"schema";
