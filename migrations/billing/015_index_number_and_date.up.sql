-- An index is replaced. First the new one, while everybody reads and writes.
-- transaction: none
CREATE INDEX CONCURRENTLY invoices_number_date ON billing.invoices (number, issued_at);
