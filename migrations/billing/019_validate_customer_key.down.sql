ALTER TABLE billing.invoices
    DROP CONSTRAINT invoices_customer_fk,
    ADD CONSTRAINT invoices_customer_fk FOREIGN KEY (customer_id) REFERENCES billing.customers (id) NOT VALID;
