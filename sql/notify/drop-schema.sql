drop schema pgcachewatch;
