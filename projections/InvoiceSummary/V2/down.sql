drop table invoice_summary_v2;
