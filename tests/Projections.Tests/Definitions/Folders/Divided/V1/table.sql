create table divided_v1 (id uuid primary key, value integer not null);
