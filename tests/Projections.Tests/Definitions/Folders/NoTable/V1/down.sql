drop table notable_v1;
