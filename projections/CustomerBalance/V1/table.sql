create table customer_balance_v1 (
    customer text primary key,
    invoices integer not null,
    open     numeric not null
);
