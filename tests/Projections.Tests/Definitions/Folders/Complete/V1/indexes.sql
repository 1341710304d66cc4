create index on complete_v1 (value);
