alter table :"schema".:"table" disable trigger :"trigger";
