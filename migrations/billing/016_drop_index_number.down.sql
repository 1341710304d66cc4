-- transaction: none
CREATE INDEX CONCURRENTLY invoices_number ON billing.invoices (number);
