drop table complete_v1;
