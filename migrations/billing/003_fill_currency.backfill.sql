-- Second: the old rows, in batches.
-- table: billing.invoices
-- key: id
UPDATE billing.invoices SET currency = 'EUR'
 WHERE id BETWEEN :first AND :last AND currency IS NULL;
