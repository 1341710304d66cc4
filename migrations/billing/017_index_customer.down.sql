-- transaction: none
DROP INDEX CONCURRENTLY billing.invoices_customer;
