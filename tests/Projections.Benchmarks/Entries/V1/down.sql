drop table entries_v1;
