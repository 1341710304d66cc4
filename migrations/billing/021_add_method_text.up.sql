-- An enum becomes text, whose values a condition keeps, and so can be changed. First: beside it, filled by a trigger.
ALTER TABLE billing.payments ADD COLUMN method_name text;
ALTER TABLE billing.payments
    ADD CONSTRAINT payments_method_name CHECK (method_name IN ('card', 'cash', 'transfer')) NOT VALID;

CREATE FUNCTION billing.copy_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.method_name := NEW.method::text;
    RETURN NEW;
END
$$;
CREATE TRIGGER copy_method BEFORE INSERT OR UPDATE ON billing.payments
    FOR EACH ROW EXECUTE FUNCTION billing.copy_method();
