-- ONLY: a child by inheritance is added by its own name.
alter publication :"publication" add table only :"schema".:"table"
