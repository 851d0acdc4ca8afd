alter publication :"publication" drop table only :"schema".:"table";
