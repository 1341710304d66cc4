ALTER TABLE billing.invoices DROP CONSTRAINT invoices_total_wide_not_null;
