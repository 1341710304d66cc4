create table invoice_summary_v1 (
    invoice_id uuid primary key,
    number     text not null,
    customer   text not null,
    issued_at  timestamptz not null,
    net        numeric not null,
    paid       numeric not null
);
