ALTER TABLE billing.invoices DROP CONSTRAINT invoices_customer_fk;
