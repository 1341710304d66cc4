create table entries_v1 (
    invoice uuid not null,
    entry   integer not null,
    kind    text not null,
    at      timestamptz not null,
    amount  numeric not null,
    settled boolean not null,
    primary key (invoice, entry)
);
