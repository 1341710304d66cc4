ALTER TABLE billing.invoices DROP COLUMN currency;
