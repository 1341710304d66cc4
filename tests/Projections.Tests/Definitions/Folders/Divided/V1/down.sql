drop table divided_v1;
