drop trigger if exists :"trigger" on :"schema".:"table";
