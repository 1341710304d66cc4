create index on invoice_summary_v2 (customer);
create index on invoice_summary_v2 (due_on) where outstanding > 0;
