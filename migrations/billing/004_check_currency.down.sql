ALTER TABLE billing.invoices DROP CONSTRAINT invoices_currency_not_null;
