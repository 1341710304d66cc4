-- Fourth: the columns change names in one transaction, so 'total' is there before and after. The trigger turns round and keeps
-- the old column filled, so that going back loses nothing.
-- safety: allow column-renamed "the service names only 'total', which is there at every moment; total_wide was the trigger's"
ALTER TABLE billing.invoices RENAME COLUMN total TO total_narrow;
ALTER TABLE billing.invoices RENAME COLUMN total_wide TO total;

CREATE OR REPLACE FUNCTION billing.copy_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.total_narrow := NEW.total;
    RETURN NEW;
END
$$;
