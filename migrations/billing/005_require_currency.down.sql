ALTER TABLE billing.invoices
    ADD CONSTRAINT invoices_currency_not_null CHECK (currency IS NOT NULL) NOT VALID;
ALTER TABLE billing.invoices ALTER COLUMN currency DROP NOT NULL;
