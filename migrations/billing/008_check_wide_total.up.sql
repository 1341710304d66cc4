-- Third: every row has it from now on.
ALTER TABLE billing.invoices
    ADD CONSTRAINT invoices_total_wide_not_null CHECK (total_wide IS NOT NULL) NOT VALID;
