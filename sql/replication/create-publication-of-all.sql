create publication :"publication" for all tables;
