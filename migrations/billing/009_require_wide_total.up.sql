-- transaction: none
ALTER TABLE billing.invoices VALIDATE CONSTRAINT invoices_total_wide_not_null;
ALTER TABLE billing.invoices ALTER COLUMN total_wide SET NOT NULL;
ALTER TABLE billing.invoices DROP CONSTRAINT invoices_total_wide_not_null;
