create table open_items_v1 (
    invoice_id uuid not null,
    line       integer not null,
    product    text not null,
    net        numeric not null,
    since      timestamptz not null,
    primary key (invoice_id, line)
);
