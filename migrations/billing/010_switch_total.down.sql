ALTER TABLE billing.invoices RENAME COLUMN total TO total_wide;
ALTER TABLE billing.invoices RENAME COLUMN total_narrow TO total;

CREATE OR REPLACE FUNCTION billing.copy_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.total_wide := NEW.total;
    RETURN NEW;
END
$$;
