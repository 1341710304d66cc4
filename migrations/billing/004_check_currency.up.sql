-- Third: a condition that holds for every row written from now on, and looks at none that is there.
ALTER TABLE billing.invoices
    ADD CONSTRAINT invoices_currency_not_null CHECK (currency IS NOT NULL) NOT VALID;
