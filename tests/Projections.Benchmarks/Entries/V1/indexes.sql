create index on entries_v1 (at);
create index on entries_v1 (amount) where not settled;
