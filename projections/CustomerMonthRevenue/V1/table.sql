create table customer_month_revenue_v1 (
    customer        text not null,
    month           date not null,
    invoices        integer not null,
    credit_notes    integer not null,
    net             numeric not null,
    tax             numeric not null,
    last_invoice_at timestamptz,
    primary key (customer, month)
);
