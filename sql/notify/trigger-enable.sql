alter table only :"schema".:"table" enable trigger :"trigger";
