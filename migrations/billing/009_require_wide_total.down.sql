ALTER TABLE billing.invoices
    ADD CONSTRAINT invoices_total_wide_not_null CHECK (total_wide IS NOT NULL) NOT VALID;
ALTER TABLE billing.invoices ALTER COLUMN total_wide DROP NOT NULL;
