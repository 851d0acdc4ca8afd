alter table :"schema".:"table" enable replica trigger :"trigger";
