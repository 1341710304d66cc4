-- Then the old one, whose queries the new one serves.
-- transaction: none
DROP INDEX CONCURRENTLY billing.invoices_number;
