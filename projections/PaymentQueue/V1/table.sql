-- The index is needed while the table is filled: each statement looks for the invoices of one customer.
create table payment_queue_v1 (
    invoice_id uuid primary key,
    customer   text not null,
    number     text not null,
    due_on     date not null,
    place      integer not null check (place > 0)
);
create index payment_queue_v1_customer on payment_queue_v1 (customer, place);
