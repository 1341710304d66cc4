create index on invoice_summary_v1 (customer);
