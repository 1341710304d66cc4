drop table invoice_summary_v1;
