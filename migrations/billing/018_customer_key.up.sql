-- Second: the key, for rows written from now on.
ALTER TABLE billing.invoices
    ADD CONSTRAINT invoices_customer_fk FOREIGN KEY (customer_id) REFERENCES billing.customers (id) NOT VALID;
