-- A foreign key, in three steps. First the index, without which every DELETE of a customer would read all invoices.
-- transaction: none
CREATE INDEX CONCURRENTLY invoices_customer ON billing.invoices (customer_id);
