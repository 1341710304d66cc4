-- transaction: none
DROP INDEX CONCURRENTLY billing.invoices_number_date;
