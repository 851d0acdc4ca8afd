alter table only :"schema".:"table" enable replica trigger :"trigger";
