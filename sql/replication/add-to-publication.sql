alter publication :"publication" add table only :"schema".:"table"
