create table invoice_summary_v2 (
    invoice_id      uuid primary key,
    number          text not null,
    customer        text not null,
    issued_at       timestamptz not null,
    net             numeric not null,
    tax             numeric(14,2) not null,
    paid            numeric(14,2) not null,
    status          text not null,
    due_on          date not null,
    outstanding     numeric not null,
    last_payment_at timestamptz
);
