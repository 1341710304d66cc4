-- An integer becomes a bigint without writing the table anew. First: a second column, which a trigger keeps equal.
ALTER TABLE billing.invoices ADD COLUMN total_wide bigint;

CREATE FUNCTION billing.copy_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.total_wide := NEW.total;
    RETURN NEW;
END
$$;
CREATE TRIGGER copy_total BEFORE INSERT OR UPDATE ON billing.invoices
    FOR EACH ROW EXECUTE FUNCTION billing.copy_total();
