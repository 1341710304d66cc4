create index on invoice_summary_v1 (customer);
create index on invoice_summary_v1 (issued_at);
