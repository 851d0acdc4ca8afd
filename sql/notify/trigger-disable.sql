alter table only :"schema".:"table" disable trigger :"trigger";
