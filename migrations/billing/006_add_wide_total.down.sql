DROP TRIGGER copy_total ON billing.invoices;
DROP FUNCTION billing.copy_total();
ALTER TABLE billing.invoices DROP COLUMN total_wide;
