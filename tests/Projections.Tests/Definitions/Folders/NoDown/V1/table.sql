create table nodown_v1 (id uuid primary key, value integer not null);
