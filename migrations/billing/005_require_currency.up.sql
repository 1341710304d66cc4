-- Fourth: validating reads the table while others read and write. After that PostgreSQL takes the condition for a proof and
-- makes the column NOT NULL without looking at a row. Each statement commits alone, so no strong lock outlives the reading.
-- transaction: none
ALTER TABLE billing.invoices VALIDATE CONSTRAINT invoices_currency_not_null;
ALTER TABLE billing.invoices ALTER COLUMN currency SET NOT NULL;
ALTER TABLE billing.invoices DROP CONSTRAINT invoices_currency_not_null;
