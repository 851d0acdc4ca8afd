alter table only :"schema".:"table" enable always trigger :"trigger";
