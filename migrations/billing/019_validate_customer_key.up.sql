-- Third: the rows that are there, while everybody reads and writes.
ALTER TABLE billing.invoices VALIDATE CONSTRAINT invoices_customer_fk;
