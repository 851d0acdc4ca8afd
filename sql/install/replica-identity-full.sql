alter table only :"schema".:"table" replica identity full;
